<?php
require_once __DIR__ . '/../vendor/autoload.php';

use OSS\Credentials\EnvironmentVariableCredentialsProvider;
use OSS\OssClient;

try {
    // OSS_ACCESS_KEY_ID and OSS_ACCESS_KEY_SECRET must be set before this program is started.
    $provider = new EnvironmentVariableCredentialsProvider();

    // The bucket lies in China (Hangzhou); endpoint and region belong together.
    $client = new OssClient([
        'provider' => $provider,
        'endpoint' => 'https://oss-cn-hangzhou.aliyuncs.com',
        'signatureVersion' => OssClient::OSS_SIGNATURE_VERSION_V4,
        'region' => 'cn-hangzhou',
    ]);

    // The image in the bucket, and what to do with it.
    $options[OssClient::OSS_PROCESS] = 'image/bodies';
    $result = $client->getObject('examplebucket', 'example.jpg', $options);
    var_dump($result);
} catch (OssException $e) {
    printf($e->getMessage() . "\n");
    return;
}
