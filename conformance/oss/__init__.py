"""What OSS says, independent of every SDK: strings, signatures, errors, names. Pure."""
