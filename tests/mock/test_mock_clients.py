"""Clients that others wrote use the stand-alone mock as the service.

They are no dependency of the suite, so each test is skipped where its client is not installed. The
mock is their proxy, so that they use the real host names.
"""

import importlib.util
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from conformance.mock.stored_object import example

ENVIRONMENT = {"OSS_ACCESS_KEY_ID": "id", "OSS_ACCESS_KEY_SECRET": "secret"}
# Prints what a program gets: the number of bodies, the length of the object, an error.
PYTHON = """
import sys
import alibabacloud_oss_v2 as oss
proxy, ca = sys.argv[1:]
config = oss.config.load_default()
config.credentials_provider = oss.credentials.EnvironmentVariableCredentialsProvider()
config.region, config.proxy_host = "cn-hangzhou", {"https": proxy}
client, ask = oss.Client(config), oss.GetObjectRequest
process = "image/bodies,sen_99"
with client.get_object(ask(bucket="mine", key="photo.jpg", process=process)).body as body:
    print(body.content.decode())
with client.get_object(ask(bucket="mine", key="photo.jpg")).body as body:
    print(len(body.content))
try:
    client.head_object(oss.HeadObjectRequest(bucket="mine", key="none"))
except oss.exceptions.OperationError as error:
    print(error.unwrap().code, error.unwrap().ec)
"""
NODE = """
const [proxy, ca] = process.argv.slice(-2);
const OSS = require('ali-oss'), https = require('https'), fs = require('fs'), tls = require('tls');
const agent = new https.Agent({ca: fs.readFileSync(ca)});
agent.createConnection = options => tls.connect({
  ...options, host: '127.0.0.1', port: new URL(proxy).port, servername: options.host,
});
const client = new OSS({
  region: 'oss-cn-hangzhou', bucket: 'mine', secure: true, authorizationV4: true,
  accessKeyId: process.env.OSS_ACCESS_KEY_ID, accessKeySecret: process.env.OSS_ACCESS_KEY_SECRET,
  httpsAgent: agent,
});
(async () => {
  const found = await client.get('photo.jpg', {process: 'image/bodies,sen_99'});
  console.log(found.content.toString());
  console.log((await client.get('photo.jpg')).content.length);
  await client.get('none').catch(error => console.log(error.code, error.ecCode));
})();
"""


@contextmanager
def service(folder: Path) -> Iterator[tuple[str, str]]:
    """The mock's endpoint as a proxy, and the file of its authority."""
    path = folder / "objects" / "mine" / "photo.jpg"
    path.parent.mkdir(parents=True)
    path.write_bytes(example().content)
    command = [sys.executable, "-m", "conformance", "mock", "--objects", "objects"]
    with subprocess.Popen(
        command, cwd=folder, env={**os.environ, **ENVIRONMENT}, text=True,
        stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as process:  # fmt: skip
        try:
            assert process.stdout
            first = json.loads(process.stdout.readline())
            yield first["endpoint"].replace("https:", "http:"), first["ca"]
        finally:
            process.terminate()


def used(folder: Path, *command: str) -> None:
    """Run a client, and compare what it prints with what it should get."""
    with service(folder) as (proxy, ca):
        ran = subprocess.run(
            [*command, proxy, ca], cwd=folder, capture_output=True, text=True, timeout=100,
            check=False, env={**os.environ, **ENVIRONMENT, "REQUESTS_CA_BUNDLE": ca},
        )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    document, length, error = ran.stdout.splitlines()
    assert len(json.loads(document)["Bodies"]) >= 3
    assert length == str(len(example().content))
    assert error == "NoSuchKey 0026-00000001"


def test_the_second_generation_python_sdk_gets_what_it_asks_for(tmp_path: Path) -> None:
    if importlib.util.find_spec("alibabacloud_oss_v2") is None:
        pytest.skip("alibabacloud-oss-v2 is not installed")
    used(tmp_path, sys.executable, "-c", PYTHON)


def test_ali_oss_gets_what_it_asks_for(tmp_path: Path) -> None:
    node = shutil.which("node")
    if node is None:
        pytest.skip("Node.js is not installed")
    probe = [node, "-e", "require('ali-oss')"]
    if subprocess.run(probe, capture_output=True, timeout=60, check=False).returncode:
        pytest.skip("ali-oss is not installed where NODE_PATH points to")
    used(tmp_path, node, "-e", NODE, "--")
