import com.google.gson.FieldNamingPolicy;
import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonNull;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import com.google.gson.TypeAdapter;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;

import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.ByteArrayInputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.Map;
import java.util.logging.LogManager;
import java.util.regex.Pattern;

/**
 * What every Java runner does alike: commands on stdin, answers on stdout, content as an answer.
 *
 * <p>runners/README.md is the contract. All JSON of the protocol is read and written here: the
 * fields of the classes below are its members, in lower case with underscores. Content is read with
 * Gson, whose numbers keep the text that they were written with.
 */
final class Protocol {

    /** A runner: what `call` and `case` mean for its SDK. */
    interface Calls {
        Answer call(Command command) throws Exception;

        /** Close what was kept. */
        void newCase();
    }

    /** One line from the engine; of `start` and `stop` the type alone is set. */
    static final class Command {
        String type;
        long seq;
        String action;
        Map<String, JsonPrimitive> parameters; // Gson keeps the order
        String process;
        String sign;
        String client;
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

        boolean fresh() {
            return client.equals("fresh");
        }

        /** What a kept client must have in common with the last call. */
        String settings() {
            return GSON.toJson(new Object[] {
                endpoint, region, signature, credentials, addressing, proxy, timeouts
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

    /** Contents of the environment variables; null: the variable is unset. */
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

        Started(String runner, Sdk sdk, String[] capabilities) {
            this.runner = runner;
            this.sdk = sdk;
            this.capabilities = capabilities;
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

        private Content(Bytes content, JsonElement parsed, String parseError) {
            super("content");
            this.content = content;
            this.parsed = parsed;
            this.parseError = parseError;
        }
    }

    private static final class Bytes {
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

        Failure(String origin, Throwable thrown) {
            this.origin = origin;
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

    private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");
    private static final Gson GSON = new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .serializeNulls()
            .disableHtmlEscaping()
            .create();
    private static final TypeAdapter<JsonElement> TREE = GSON.getAdapter(JsonElement.class);

    private final OutputStream answers =
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out));

    /** Takes standard output; to be called before a class of the SDK is loaded. */
    Protocol() {
        System.setOut(System.err);
        // The SDK logs each error that it also throws; the answer has it, so the log is not needed.
        LogManager.getLogManager().reset();
    }

    /** Answers each line until `stop` or the end of input, and exits. */
    void serve(Started started, Calls calls) throws Exception {
        BufferedReader commands =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = commands.readLine()) != null; ) {
            Command command = GSON.fromJson(line, Command.class);
            if (command.type.equals("stop")) {
                break;
            }
            if (command.type.equals("case")) {
                calls.newCase();
            } else if (command.type.equals("start")) {
                write(started);
            } else {
                boolean known = command.sign.equals("header") || command.sign.equals("url");
                Answer answer = known
                        ? calls.call(command)
                        : new Unsupported("no way to sign named " + command.sign);
                answer.seq = command.seq;
                write(answer);
            }
        }
        // Whatever threads the SDK may have left do not keep the program alive.
        System.exit(0);
    }

    /** One line in ASCII: so a surrogate without its partner, which UTF-8 cannot hold, survives. */
    private void write(Object message) throws IOException {
        String text = GSON.toJson(message);
        for (int at = 0; at < text.length(); at++) {
            char letter = text.charAt(at);
            if (letter < 0x80) {
                answers.write(letter);
            } else {
                String escaped = String.format("\\u%04x", (int) letter);
                answers.write(escaped.getBytes(StandardCharsets.US_ASCII));
            }
        }
        answers.write('\n');
        answers.flush();
    }

    /** The answer for content. */
    static Answer content(byte[] raw) throws NoSuchAlgorithmException {
        JsonElement parsed = JsonNull.INSTANCE;
        String parseError = null;
        try {
            parsed = tagged(parse(raw));
        } catch (IOException | RuntimeException refused) {
            parseError = refused.toString();
        } catch (StackOverflowError tooDeep) {
            parseError = "nested too deep for Gson's tree: " + tooDeep;
        }
        return new Content(new Bytes(raw), parsed, parseError);
    }

    /** One document and nothing after it, by Gson as it is when nobody has made it lenient. */
    private static JsonElement parse(byte[] raw) throws IOException {
        JsonReader reader = new JsonReader(
                new InputStreamReader(new ByteArrayInputStream(raw), StandardCharsets.UTF_8));
        JsonElement document = TREE.read(reader);
        if (reader.peek() != JsonToken.END_DOCUMENT) {
            throw new IOException("something follows the document");
        }
        return document;
    }

    /** A parsed document with the type of each number kept, and each digit. */
    private static JsonElement tagged(JsonElement element) {
        if (element.isJsonObject()) {
            JsonObject object = new JsonObject();
            for (Map.Entry<String, JsonElement> entry : element.getAsJsonObject().entrySet()) {
                object.add(entry.getKey(), tagged(entry.getValue()));
            }
            return object;
        }
        if (element.isJsonArray()) {
            JsonArray array = new JsonArray();
            for (JsonElement item : element.getAsJsonArray()) {
                array.add(tagged(item));
            }
            return array;
        }
        if (element.isJsonPrimitive() && ((JsonPrimitive) element).isNumber()) {
            String text = element.getAsString();
            JsonObject number = new JsonObject();
            number.addProperty(INTEGER.matcher(text).matches() ? "$int" : "$real", text);
            return number;
        }
        return element;
    }

    /** The SDK exposes no HTTP status: it reads it and keeps it from its exceptions. */
    private static String property(String name) {
        return System.getProperty(name);
    }
}
