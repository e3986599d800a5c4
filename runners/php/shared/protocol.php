<?php

/**
 * What the PHP runners share: commands in, answers out, numbers with their kinds.
 *
 * Require this before the SDK: whatever is printed by other means than `answer` goes to standard
 * error from then on, warnings and fatal errors of PHP too; a fatal error ends the program with 255.
 * runners/README.md is the contract.
 */

declare(strict_types=1);

ini_set('display_errors', 'stderr');
ini_set('log_errors', '0'); // which would be standard error as well
ini_set('serialize_precision', '-1'); // the fewest digits that give the same float again
ob_start(static function (string $printed): string {
    fwrite(STDERR, $printed);
    return '';
}, 1);

// What makes a client, and so what a kept one must have in common with the last call.
const SETTINGS = ['endpoint', 'region', 'signature', 'credentials', 'addressing', 'proxy', 'timeouts'];

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
    while (($line = fgets(STDIN)) !== false) {
        $command = json_decode($line, false, 512, JSON_THROW_ON_ERROR);
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
            default:
                $known = in_array($command->sign, ['header', 'url'], true);
                answer(['type' => 'answer', 'seq' => $command->seq] + ($known
                    ? $call($command, $kept)
                    : unsupported("no way to sign named $command->sign")));
        }
    }
}

function answer(array $message): void
{
    // Texts of errors may hold any bytes; the depth is that of json_decode and what is around it.
    $flags = JSON_UNESCAPED_SLASHES | JSON_INVALID_UTF8_SUBSTITUTE | JSON_THROW_ON_ERROR;
    fwrite(STDOUT, json_encode($message, $flags, 1024) . "\n");
}

/** A client of the call's own, or the one of the last call with the same settings. */
function client(stdClass $command, array &$kept, callable $make): object
{
    if ($command->client === 'fresh') {
        return $make($command);
    }
    $name = json_encode(array_map(fn ($setting) => $command->$setting, SETTINGS));
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
