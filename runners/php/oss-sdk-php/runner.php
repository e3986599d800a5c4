<?php

/** The runner for oss-sdk-php: one SDK call for each command. runners/README.md is the contract. */

declare(strict_types=1);

use OSS\Core\OssException;
use OSS\Credentials\Credentials;
use OSS\Credentials\CredentialsProvider;
use OSS\Credentials\EnvironmentVariableCredentialsProvider;
use OSS\Http\RequestCore;
use OSS\OssClient;

require __DIR__ . '/protocol.php';
require __DIR__ . '/vendor/autoload.php';

/** A program's own provider: the credentials of the call under way, each time that the SDK asks. */
final class CallCredentials implements CredentialsProvider
{
    public static stdClass $underWay;

    public function getCredentials()
    {
        $given = self::$underWay;
        return new Credentials($given->access_key_id, $given->access_key_secret, $given->security_token);
    }
}

/** Whether the SDK knows the setting `forcePathStyle`, which came with 2.7.2 and is ignored before. */
function has_path_style(): bool
{
    return version_compare(OssClient::OSS_VERSION, '2.7.2', '>=');
}

/**
 * What the runner says of itself.
 *
 * The SDK refuses to go without keys, so `anonymous` is not among the capabilities.
 */
function started(): array
{
    $capabilities = [
        'proxy', 'presigned', 'cname', 'token', 'kept', 'v1', 'process', 'timeouts', 'version',
        'provider', 'to-file', 'clock', 'marks',
    ];
    return [
        'runner' => 'php',
        'sdk' => ['name' => 'aliyuncs/oss-sdk-php', 'version' => OssClient::OSS_VERSION],
        'capabilities' => has_path_style() ? [...$capabilities, 'path-style'] : $capabilities,
        'dependencies' => dependencies(),
        'defaults' => defaults(),
    ];
}

/** libcurl and its TLS library, which is told as `OpenSSL/3.0.19`. */
function dependencies(): array
{
    $curl = curl_version();
    [$tls, $version] = explode('/', $curl['ssl_version'], 2) + ['', ''];
    return ['libcurl' => $curl['version'], $tls => $version];
}

/** The timeouts of the SDK's HTTP request, which clients leave as they are, and a client's retries. */
function defaults(): array
{
    $request = new RequestCore();
    $client = (new ReflectionClass(OssClient::class))->newInstanceWithoutConstructor();
    return [
        'connect_timeout' => "$request->connect_timeout s",
        'timeout' => "$request->timeout s",
        'retries' => (string) $client->getMaxRetries(),
    ];
}

/** The answer to `call`, without its type and number. $kept: clients by their settings. */
function call(stdClass $command, array &$kept): array
{
    if ($command->credentials === null) {
        return unsupported('the SDK has no way of not signing');
    }
    if ($command->addressing === 'path' && !has_path_style()) {
        return unsupported('this version of the SDK has no setting for path style');
    }
    set_environment($command->credentials);
    CallCredentials::$underWay = $command->credentials;
    try {
        $options = [OssClient::OSS_PROCESS => process($command)];
        if ($command->version_id !== null) {
            $options[OssClient::OSS_VERSION_ID] = $command->version_id;
        }
        // A client holds no connection: the SDK opens one for each request.
        $client = client($command, $kept, 'new_client');
        if ($command->sign === 'header') {
            $get = fn ($more) => $client->getObject($command->bucket, $command->key, $options + $more);
            return content($command->into === 'file'
                ? from_file(fn ($path) => $get([OssClient::OSS_FILE_DOWNLOAD => $path]))
                : $get([]));
        }
        $method = OssClient::OSS_HTTP_GET;
        $url = $client->signUrl($command->bucket, $command->key, URL_VALID, $method, $options);
    } catch (Error $error) {
        fwrite(STDERR, "$error\n");
        return crash(get_class($error), $error->getMessage());
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
    $file = $command->into === 'file' ? tmpfile() : null;
    $options = [
        CURLOPT_URL => $url,
        CURLOPT_RETURNTRANSFER => $file === null,
        CURLOPT_FILE => $file,
        CURLOPT_CONNECTTIMEOUT_MS => $command->timeouts->connect,
        CURLOPT_TIMEOUT_MS => $command->timeouts->read,
        CURLOPT_PROXY => $command->proxy,
    ];
    $curl = curl_init();
    curl_setopt_array($curl, array_filter($options, fn ($setting) => $setting !== null));
    $body = curl_exec($curl);
    if ($body === false) {
        $unsent = in_array(curl_errno($curl), [CURLE_UNSUPPORTED_PROTOCOL, CURLE_URL_MALFORMAT], true);
        return error($unsent ? 'client' : 'transport', 'cURL ' . curl_errno($curl), curl_error($curl));
    }
    $status = curl_getinfo($curl, CURLINFO_RESPONSE_CODE);
    if ($status >= 300) {
        return error('service', 'HTTP', "status $status", ['status' => $status]);
    }
    // Not by the stream, whose position is not that of what curl has written.
    return content($file === null ? $body : file_get_contents(stream_get_meta_data($file)['uri']));
}

function new_client(stdClass $command): OssClient
{
    $signatures = [
        'v4' => OssClient::OSS_SIGNATURE_VERSION_V4,
        'v1' => OssClient::OSS_SIGNATURE_VERSION_V1,
    ];
    $config = [
        'endpoint' => $command->endpoint,
        'signatureVersion' => $signatures[$command->signature] ?? null,
        'region' => $command->region,
        'request_proxy' => $command->proxy,
        'forcePathStyle' => $command->addressing === 'path' ? true : null,
        'cname' => $command->addressing === 'cname' ? true : null,
    ];
    $config = array_filter($config, fn ($setting) => $setting !== null);
    $program = $command->provider === 'program';
    $config['provider'] = $program ? new CallCredentials() : new EnvironmentVariableCredentialsProvider();
    $client = new OssClient($config);
    // The SDK counts in whole seconds, so a part of one is taken for a whole. Its timeout is not for
    // one read but for the whole transfer: it has no other.
    if ($command->timeouts->connect !== null) {
        $client->setConnectTimeout((int) ceil($command->timeouts->connect / 1000));
    }
    if ($command->timeouts->read !== null) {
        $client->setTimeout((int) ceil($command->timeouts->read / 1000));
    }
    return $client;
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
        'caught' => $error instanceof OssException,
    ]);
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

serve(started(), 'call');
