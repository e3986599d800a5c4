<?php

/**
 * What the PHP runners share: commands in, answers out, numbers with their kinds.
 *
 * PHP cannot redirect its standard output, so the manifest's command does: answers go to the file
 * descriptor 3, and all that PHP or the SDK prints to standard error, without a buffer between.
 * runners/README.md is the contract.
 */

declare(strict_types=1);

ini_set('display_errors', 'stderr');
ini_set('log_errors', '0'); // which would be standard error as well
ini_set('serialize_precision', '-1'); // the fewest digits that give the same float again
setlocale(LC_ALL, '');
// PHP reads no TZ: its users name their time zone in php.ini.
@date_default_timezone_set(getenv('TZ') ?: 'UTC');

const PROTOCOL = 'php://fd/3';

// What makes a client, and so what a kept one must have in common with the last call.
const SETTINGS = ['endpoint', 'region', 'signature', 'provider', 'addressing', 'proxy', 'timeouts'];

const URL_VALID = 3600; // seconds

const VARIABLES = [
    'OSS_ACCESS_KEY_ID' => 'access_key_id',
    'OSS_ACCESS_KEY_SECRET' => 'access_key_secret',
    'OSS_SESSION_TOKEN' => 'security_token',
];

/** Answers each line until `stop` or the end of input; $call is given the clients by settings. */
function serve(array $started, callable $call): void
{
    $kept = [];
    $underWay = null;
    register_shutdown_function(static function () use (&$underWay): void {
        if ($underWay !== null) {
            answer(['type' => 'answer', 'seq' => $underWay] + end_of_program());
        }
    });
    while (($line = fgets(STDIN)) !== false) {
        // A number beyond 64 bits stays the text that it was.
        $command = json_decode($line, false, 512, JSON_BIGINT_AS_STRING | JSON_THROW_ON_ERROR);
        switch ($command->type) {
            case 'stop':
                return;
            case 'case':
                $kept = [];
                break;
            case 'start':
                answer(['type' => 'started', 'protocol' => 2] + $started + [
                    'language' => 'PHP',
                    'runtime' => 'PHP ' . PHP_VERSION,
                    'os' => php_uname('s') . ' ' . php_uname('r'),
                ]);
                break;
            case 'calls':
                $unable = ['type' => 'answer', 'seq' => $command->seq] + unsupported('PHP has no threads');
                $answers = array_fill(0, count($command->calls), $unable);
                answer(['type' => 'answers', 'seq' => $command->seq, 'answers' => $answers]);
                break;
            default:
                $underWay = $command->seq;
                $reply = able($command) ?? $call($command, $kept);
                $underWay = null;
                answer(['type' => 'answer', 'seq' => $command->seq] + $reply);
        }
    }
}

/** The answer to a call that no PHP runner can make; null for any other. */
function able(stdClass $command): ?array
{
    if (!in_array($command->sign, ['header', 'url'], true)) {
        return unsupported("no way to sign named $command->sign");
    }
    return $command->consume === null ? null : unsupported('the content comes as a whole');
}

/** The answer for a call in which the program has ended: by a fatal error, or because it was told to. */
function end_of_program(): array
{
    $last = error_get_last();
    $fatal = E_ERROR | E_PARSE | E_CORE_ERROR | E_COMPILE_ERROR | E_USER_ERROR | E_RECOVERABLE_ERROR;
    return $last !== null && ($last['type'] & $fatal)
        ? crash('fatal error', $last['message'])
        : crash('exit', 'the program was told to end');
}

function answer(array $message): void
{
    static $protocol = null;
    $protocol ??= fopen(PROTOCOL, 'w');
    // Texts of errors may hold any bytes; the depth is that of json_decode and what is around it.
    $flags = JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR;
    fwrite(STDERR, "\x1e"); // the capability `marks`
    fwrite($protocol, json_encode($message, $flags, 1024) . "\n");
}

/** A client of the call's own, or the one of the last call with the same settings. */
function client(stdClass $command, array &$kept, callable $make): object
{
    if ($command->client === 'fresh') {
        return $make($command);
    }
    $settings = array_map(fn ($setting) => $command->$setting, SETTINGS);
    // A program's own provider is asked for the credentials of each call.
    $name = json_encode([$settings, $command->provider === 'program' ? null : $command->credentials]);
    return $kept[$name] ??= $make($command);
}

function set_environment(stdClass $credentials): void
{
    foreach (VARIABLES as $variable => $name) {
        $value = $credentials->$name;
        putenv($value === null ? $variable : "$variable=$value");
    }
}

/** The processing string: the given one, or the one that a user writes. */
function process(stdClass $command): string
{
    if ($command->process !== null) {
        return $command->process;
    }
    $string = $command->action;
    foreach ($command->parameters as $name => $value) {
        $string .= ",{$name}_$value";
    }
    return $string;
}

/** The bytes that $save puts into a new file, of which it is given the path; the file is removed. */
function from_file(callable $save): string
{
    $path = tempnam(sys_get_temp_dir(), 'object-');
    try {
        $save($path);
        return file_get_contents($path);
    } finally {
        unlink($path);
    }
}

function unsupported(string $reason): array
{
    return ['kind' => 'unsupported', 'reason' => $reason];
}

/** The answer for an error; what $fields does not name is null. */
function error(string $origin, string $class, string $text, array $fields = []): array
{
    $unknown = array_fill_keys(['status', 'code', 'message', 'request_id', 'host_id', 'ec'], null);
    $always = ['origin' => $origin, 'error_class' => $class, 'text' => $text];
    return ['kind' => 'error', 'error' => $always + $fields + $unknown];
}

/** The answer for what ends a program that does not catch PHP's own errors. */
function crash(string $class, string $text): array
{
    return error('crash', $class, $text, ['caught' => false]);
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
 * of an integer beyond 64 bits. That is the language's way, so it is what is reported.
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
