<?php

/**
 * The runner for oss-sdk-php: commands on stdin, one SDK call each, answers on stdout.
 *
 * runners/README.md is the contract. Whatever is printed by other means than `answer` goes to
 * standard error, warnings and fatal errors of PHP too; a fatal error ends the program with 255.
 */

declare(strict_types=1);

use OSS\Core\OssException;
use OSS\Credentials\EnvironmentVariableCredentialsProvider;
use OSS\OssClient;

ini_set('display_errors', 'stderr');
ini_set('log_errors', '0'); // which would be standard error as well
ini_set('serialize_precision', '-1'); // the fewest digits that give the same float again
ob_start(static function (string $printed): string {
    fwrite(STDERR, $printed);
    return '';
}, 1);

require __DIR__ . '/vendor/autoload.php';

// What makes a client, and so what a kept one must have in common with the last call.
const SETTINGS = ['endpoint', 'region', 'signature', 'credentials', 'addressing', 'proxy', 'timeouts'];

const URL_VALID = 3600; // seconds

const VARIABLES = [
    'OSS_ACCESS_KEY_ID' => 'access_key_id',
    'OSS_ACCESS_KEY_SECRET' => 'access_key_secret',
    'OSS_SESSION_TOKEN' => 'security_token',
];

/** Whether the SDK knows the setting `forcePathStyle`, which came with 2.7.2 and is ignored before. */
function has_path_style(): bool
{
    return version_compare(OssClient::OSS_VERSION, '2.7.2', '>=');
}

/**
 * The answer to `start`.
 *
 * The SDK refuses to go without keys, so `anonymous` is not among the capabilities.
 */
function started(): array
{
    $capabilities = ['proxy', 'presigned', 'cname', 'token', 'kept', 'v1', 'process', 'timeouts', 'version'];
    return [
        'type' => 'started',
        'protocol' => 1,
        'runner' => 'php',
        'language' => 'PHP',
        'runtime' => 'PHP ' . PHP_VERSION,
        'os' => php_uname('s') . ' ' . php_uname('r'),
        'sdk' => ['name' => 'aliyuncs/oss-sdk-php', 'version' => OssClient::OSS_VERSION],
        'capabilities' => has_path_style() ? [...$capabilities, 'path-style'] : $capabilities,
    ];
}

/** The answer to `call`, without its type and number. $kept: clients by their settings. */
function call(stdClass $command, array &$kept): array
{
    if (!in_array($command->operation, ['bodies', 'presigned'], true)) {
        return unsupported("no operation $command->operation");
    }
    if ($command->credentials === null) {
        return unsupported('the SDK has no way of not signing');
    }
    if ($command->addressing === 'path' && !has_path_style()) {
        return unsupported('this version of the SDK has no setting for path style');
    }
    foreach (VARIABLES as $variable => $name) {
        $value = $command->credentials->$name;
        putenv($value === null ? $variable : "$variable=$value");
    }
    try {
        $options = [OssClient::OSS_PROCESS => process($command)];
        if ($command->version_id !== null) {
            $options[OssClient::OSS_VERSION_ID] = $command->version_id;
        }
        $client = client($command, $kept);
        if ($command->operation === 'bodies') {
            return content($client->getObject($command->bucket, $command->key, $options));
        }
        $method = OssClient::OSS_HTTP_GET;
        $url = $client->signUrl($command->bucket, $command->key, URL_VALID, $method, $options);
    } catch (Throwable $error) { // whatever the SDK throws is what its user gets
        return failure($error);
    }
    return fetched($url, $command);
}

/**
 * The answer for a URL that the SDK has signed.
 *
 * The SDK fetches none, so this is PHP's usual HTTP client, the one that the SDK uses too, as it is
 * but for the proxy and the timeouts; the second is, as the SDK's, one for the whole transfer. What
 * it reports is a status and nothing else that an SDK would expose.
 */
function fetched(string $url, stdClass $command): array
{
    $curl = curl_init();
    curl_setopt_array($curl, [
        CURLOPT_URL => $url,
        CURLOPT_RETURNTRANSFER => true,
        CURLOPT_CONNECTTIMEOUT_MS => $command->timeouts->connect,
        CURLOPT_TIMEOUT_MS => $command->timeouts->read,
    ]);
    if ($command->proxy !== null) {
        curl_setopt($curl, CURLOPT_PROXY, $command->proxy);
    }
    $body = curl_exec($curl);
    if ($body === false) {
        $unsent = in_array(curl_errno($curl), [CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT], true);
        return error($unsent ? 'client' : 'transport', 'cURL ' . curl_errno($curl), curl_error($curl));
    }
    $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    return $status < 300 ? content($body) : error('service', 'HTTP', "status $status", ['status' => $status]);
}

/** A client of the call's own, or the one of the last call with the same settings. */
function client(stdClass $command, array &$kept): OssClient
{
    if ($command->client === 'fresh') {
        return new_client($command); // it holds no connection: the SDK opens one for each request
    }
    $name = json_encode(array_map(fn ($setting) => $command->$setting, SETTINGS));
    return $kept[$name] ??= new_client($command);
}

function new_client(stdClass $command): OssClient
{
    $config = [
        'provider' => new EnvironmentVariableCredentialsProvider(),
        'endpoint' => $command->endpoint,
        'signatureVersion' => $command->signature === 'v4'
            ? OssClient::OSS_SIGNATURE_VERSION_V4
            : OssClient::OSS_SIGNATURE_VERSION_V1,
    ];
    if ($command->region !== null) {
        $config['region'] = $command->region;
    }
    if ($command->proxy !== null) {
        $config['request_proxy'] = $command->proxy;
    }
    if ($command->addressing === 'path') {
        $config['forcePathStyle'] = true;
    }
    if ($command->addressing === 'cname') {
        $config['cname'] = true;
    }
    $client = new OssClient($config);
    // The SDK counts in whole seconds, so a part of one is taken for a whole. Its timeout is not for
    // one read but for the whole transfer: it has no other.
    $client->setConnectTimeout((int) ceil($command->timeouts->connect / 1000));
    $client->setTimeout((int) ceil($command->timeouts->read / 1000));
    return $client;
}

function process(stdClass $command): string
{
    if ($command->process !== null) {
        return $command->process;
    }
    return $command->sen === null ? 'image/bodies' : "image/bodies,sen_$command->sen";
}

/** The answer for content, with what json_decode makes of it, objects as objects. */
function content(string $bytes): array
{
    $parsed = json_decode($bytes);
    $failed = json_last_error() !== JSON_ERROR_NONE;
    return [
        'kind' => 'content',
        'content' => [
            'base64' => base64_encode($bytes),
            'length' => strlen($bytes),
            'sha256' => hash('sha256', $bytes),
        ],
        'parsed' => $failed ? null : tagged($parsed),
        'parse_error' => $failed ? json_last_error_msg() : null,
    ];
}

/**
 * The value with its numbers tagged by the type that PHP has given them.
 *
 * json_decode makes a float of every number with a fraction or an exponent, which drops digits, and
 * of an integer beyond 64 bits. That is the language's way, so it is what is told.
 *
 * @param mixed $value
 * @return mixed
 */
function tagged($value)
{
    if (is_int($value)) {
        return ['$int' => (string) $value];
    }
    if (is_float($value)) {
        return ['$real' => var_export($value, true)];
    }
    if (is_array($value)) {
        return array_map('tagged', $value);
    }
    if ($value instanceof stdClass) {
        $object = new stdClass();
        foreach ($value as $name => $member) {
            $object->{$name} = tagged($member);
        }
        return $object;
    }
    return $value;
}

function unsupported(string $reason): array
{
    return ['kind' => 'unsupported', 'reason' => $reason];
}

/** The answer for what the SDK threw. The host id and EC are only in the body, which is raw text. */
function failure(Throwable $error): array
{
    $shown = $error instanceof OssException ? $error : new OssException('');
    return error(origin($error), get_class($error), $error->getMessage(), [
        'status' => $shown->getHTTPStatus() === '' ? null : (int) $shown->getHTTPStatus(),
        'code' => exposed($shown->getErrorCode()),
        'message' => exposed($shown->getErrorMessage()),
        'request_id' => exposed($shown->getRequestId()),
    ]);
}

/** The answer for an error; what $fields does not name is null. */
function error(string $origin, string $class, string $text, array $fields = []): array
{
    $unknown = array_fill_keys(['status', 'code', 'message', 'request_id', 'host_id', 'ec'], null);
    $told = ['origin' => $origin, 'error_class' => $class, 'text' => $text];
    return ['kind' => 'error', 'error' => $told + $fields + $unknown];
}

function origin(Throwable $error): string
{
    if ($error instanceof OssException && $error->getHTTPStatus() !== '') {
        return 'service';
    }
    // The SDK throws its transport's exception again with no more than this before its text.
    if ($error instanceof OssException && str_starts_with($error->getMessage(), 'RequestCoreException: ')) {
        return 'transport';
    }
    foreach ($error->getTrace() as $frame) {
        if (($frame['function'] ?? '') === 'process_response' || ($frame['function'] ?? '') === 'parseResponse') {
            return 'parse';
        }
    }
    return 'client';
}

/** An empty text becomes null: the SDK has no other way of saying that there was none. */
function exposed(string $text): ?string
{
    return $text === '' ? null : $text;
}

function answer(array $message): void
{
    // Texts of errors may hold any bytes; the depth is that of json_decode and what is around it.
    $flags = JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR;
    fwrite(STDOUT, json_encode($message, $flags, 1024) . "\n");
}

$kept = [];
while (($line = fgets(STDIN)) !== false) {
    $command = json_decode($line, false, 512, JSON_THROW_ON_ERROR);
    if ($command->type === 'stop') {
        break;
    }
    answer($command->type === 'start'
        ? started()
        : ['type' => 'answer', 'seq' => $command->seq] + call($command, $kept));
}
