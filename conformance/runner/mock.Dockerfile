ARG BASE_IMAGE=debian:bookworm-slim
FROM ${BASE_IMAGE}

# Identical to the Dockerfiles of the python and rest lanes, so that the images share these layers.
COPY build-ca.pem /src/build-ca.pem
RUN if [ -s /src/build-ca.pem ]; then \
        echo 'Acquire::https::CaInfo "/src/build-ca.pem";' > /etc/apt/apt.conf.d/90build-ca; \
    fi \
    && apt-get update \
    && apt-get install --yes --no-install-recommends python3 python3-venv \
    && rm -rf /var/lib/apt/lists/*

ARG PIP_INDEX_URL
ARG PIP_EXTRA_INDEX_URL
ARG PIP_TRUSTED_HOST
RUN if [ -s /src/build-ca.pem ]; then export PIP_CERT=/src/build-ca.pem; fi \
    && python3 -m venv /opt/mock \
    && /opt/mock/bin/python -m pip install --quiet --disable-pip-version-check httptools uvloop

ARG SDK_SOURCE=
COPY conformance/__init__.py /opt/suite/conformance/
COPY conformance/model /opt/suite/conformance/model
COPY conformance/oss /opt/suite/conformance/oss
COPY conformance/mock /opt/suite/conformance/mock
RUN /opt/mock/bin/python -m compileall -q /opt/suite

ENV PYTHONPATH=/opt/suite
USER 65534:65534
CMD ["/opt/mock/bin/python", "-m", "conformance.mock"]
