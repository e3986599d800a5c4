import com.google.gson.JsonElement;
import com.google.gson.JsonPrimitive;

import java.math.BigInteger;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;

/**
 * What the engine and a runner write to each other: commands and answers.
 *
 * <p>The fields of the classes are the members of the JSON objects, in lower case with underscores.
 */
final class Messages {

    /** One line from the engine, or one of the `calls` in it; what it does not have is null. */
    static final class Command {
        String type;
        long seq;
        List<Command> calls;
        String action;
        Map<String, JsonPrimitive> parameters; // Gson keeps the order
        String process;
        String sign;
        String client;
        String provider;
        String endpoint;
        String region;
        String bucket;
        String key;
        String versionId;
        String signature;
        Keys credentials;
        String addressing;
        String proxy;
        Timeouts timeouts;
        String into;
        Consume consume;

        boolean fresh() {
            return client.equals("fresh");
        }

        boolean byUrl() {
            return sign.equals("url");
        }

        boolean ownProvider() {
            return provider.equals("program");
        }

        boolean intoFile() {
            return into.equals("file");
        }

        /** What a kept client must have in common with the last call. */
        String settings() {
            return Protocol.GSON.toJson(new Object[] {
                endpoint, region, signature, provider, ownProvider() ? null : credentials,
                addressing, proxy, timeouts
            });
        }

        /** The processing string: the given one, or the one that a user writes. */
        String processingString() {
            if (process != null) {
                return process;
            }
            StringBuilder string = new StringBuilder(action);
            parameters.forEach((name, value) ->
                    string.append(',').append(name).append('_').append(value.getAsString()));
            return string.toString();
        }
    }

    /** Contents of the environment variables, or what a provider returns; null: unset. */
    static final class Keys {
        String accessKeyId;
        String accessKeySecret;
        String securityToken;
    }

    /** Milliseconds; null: not set. */
    static final class Timeouts {
        Integer connect;
        Integer read;
    }

    /** How content is read: the pause before the first byte in milliseconds; limit null: all. */
    static final class Consume {
        Integer limit;
        int pause;
    }

    /** The answer to `start`. */
    static final class Started {
        final String type = "started";
        final int protocol = 2;
        final String runner;
        final String language = "Java";
        final String runtime = property("java.vm.name") + " " + property("java.version");
        final String os = property("os.name") + " " + property("os.version");
        final Sdk sdk;
        final String[] capabilities;
        Map<String, String> dependencies;
        Map<String, String> defaults;

        Started(String runner, Sdk sdk, String[] capabilities) {
            this.runner = runner;
            this.sdk = sdk;
            this.capabilities = capabilities;
        }

        private static String property(String name) {
            return System.getProperty(name);
        }
    }

    /** The SDK that is loaded. */
    static final class Sdk {
        final String name;
        final String version;

        Sdk(String name, String version) {
            this.name = name;
            this.version = version;
        }
    }

    /** The answer to `calls`. */
    static final class Answers {
        final String type = "answers";
        final long seq;
        final List<Answer> answers;

        Answers(long seq, List<Answer> answers) {
            this.seq = seq;
            this.answers = answers;
        }
    }

    /** The answer to `call`. */
    abstract static class Answer {
        final String type = "answer";
        long seq;
        final String kind;

        private Answer(String kind) {
            this.kind = kind;
        }
    }

    /** The SDK returned content. */
    static final class Content extends Answer {
        final Bytes content;
        final JsonElement parsed;
        final String parseError;

        Content(Bytes content, JsonElement parsed, String parseError) {
            super("content");
            this.content = content;
            this.parsed = parsed;
            this.parseError = parseError;
        }
    }

    /** The content as it came. */
    static final class Bytes {
        final String base64;
        final int length;
        final String sha256;

        Bytes(byte[] raw) throws NoSuchAlgorithmException {
            byte[] digest = MessageDigest.getInstance("SHA-256").digest(raw);
            base64 = Base64.getEncoder().encodeToString(raw);
            length = raw.length;
            sha256 = String.format("%064x", new BigInteger(1, digest));
        }
    }

    /** The SDK threw something. */
    static final class Failed extends Answer {
        final Failure error;

        Failed(Failure error) {
            super("error");
            this.error = error;
        }
    }

    /** What was thrown; a field that the SDK does not expose stays null. */
    static final class Failure {
        final String origin;
        final String errorClass;
        final String text;
        Integer status;
        String code;
        String message;
        String requestId;
        String hostId;
        String ec;
        Boolean caught;

        /** origin: that of an exception; an Error is not for programs to catch. */
        Failure(String origin, Throwable thrown) {
            this.origin = thrown instanceof Error ? "crash" : origin;
            errorClass = thrown.getClass().getName();
            text = thrown.toString();
        }
    }

    /** The runner or its SDK cannot do what was asked. */
    static final class Unsupported extends Answer {
        final String reason;

        Unsupported(String reason) {
            super("unsupported");
            this.reason = reason;
        }
    }
}
