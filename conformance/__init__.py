"""Conformance test suite for `x-oss-process=image/bodies` of Alibaba Cloud OSS."""

__version__ = "0.1.0"
