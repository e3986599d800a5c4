"""What OSS defines, independent of every SDK: encoding, names, signatures and errors. Pure."""
