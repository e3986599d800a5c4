import com.aliyun.oss.ClientBuilderConfiguration;
import com.aliyun.oss.ClientException;
import com.aliyun.oss.OSS;
import com.aliyun.oss.OSSClientBuilder;
import com.aliyun.oss.OSSErrorCode;
import com.aliyun.oss.OSSException;
import com.aliyun.oss.common.auth.Credentials;
import com.aliyun.oss.common.auth.CredentialsProvider;
import com.aliyun.oss.common.auth.CredentialsProviderFactory;
import com.aliyun.oss.common.auth.InvalidCredentialsException;
import com.aliyun.oss.common.comm.SignVersion;
import com.aliyun.oss.common.utils.VersionInfoUtils;
import com.aliyun.oss.model.GeneratePresignedUrlRequest;
import com.aliyun.oss.model.GetObjectRequest;
import com.aliyun.oss.model.OSSObject;
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
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.lang.reflect.Field;
import java.math.BigInteger;
import java.net.URI;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.logging.LogManager;
import java.util.regex.Pattern;

/**
 * The runner for the Java SDK: commands on stdin, one SDK call each, answers on stdout.
 *
 * <p>runners/README.md is the contract. Everything that is not an answer goes to standard error:
 * System.out is moved there before a class of the SDK is loaded. The content is read with Gson,
 * which the SDK brings and whose numbers keep the text that they were written with.
 *
 * <p>The manifest's command line makes a start cheap (one collector thread, the quick compiler
 * only, the classes that build.sh archived: half the processor time of the JVM's defaults up to 300
 * calls), keeps what the JVM itself prints off stdout, opens java.util for setEnvironment, and has
 * each host name looked up once: the SDK asks for the endpoint's address whenever it makes a
 * client, with a proxy too.
 */
public final class Runner {

    private static final String SDK = "com.aliyun.oss:aliyun-sdk-oss";
    private static final String[] CAPABILITIES = {
        "proxy", "presigned", "path-style", "cname", "anonymous", "token", "kept", "v1", "process",
        "timeouts", "version"
    };
    private static final long URL_VALID = 3_600_000; // milliseconds
    // Environment variable, field of the command's credentials.
    private static final String[][] VARIABLES = {
        {"OSS_ACCESS_KEY_ID", "access_key_id"},
        {"OSS_ACCESS_KEY_SECRET", "access_key_secret"},
        {"OSS_SESSION_TOKEN", "security_token"},
    };
    // What makes a client, and so what one must have in common with the last call to be kept.
    private static final String[] SETTINGS = {
        "endpoint", "region", "signature", "credentials", "addressing", "proxy", "timeouts"
    };
    // Where the SDK has a response in hand: what fails there came after something was sent.
    private static final Pattern IN_RESPONSE = Pattern.compile("^com\\.aliyun\\.oss\\..*("
            + "ResponseParsers|ErrorResponseHandler|ProgressInputStream|(build|handle)Response$)");
    private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");
    // With serializeNulls a null is told as one.
    private static final Gson GSON =
            new GsonBuilder().serializeNulls().disableHtmlEscaping().create();
    private static final TypeAdapter<JsonElement> TREE = GSON.getAdapter(JsonElement.class);

    private final Map<String, OSS> kept = new HashMap<>();

    public static void main(String[] args) throws Exception {
        OutputStream protocol = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out));
        System.setOut(System.err);
        // The SDK logs each error that it also throws; the answer has it, so the log is not needed.
        LogManager.getLogManager().reset();

        Runner runner = new Runner();
        BufferedReader commands =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = commands.readLine()) != null; ) {
            JsonObject command = TREE.fromJson(line).getAsJsonObject();
            String type = command.get("type").getAsString();
            if (type.equals("stop")) {
                break;
            }
            write(protocol, type.equals("start") ? started() : runner.answer(command));
        }
        // Whatever threads the SDK may have left do not keep the program alive.
        System.exit(0);
    }

    /** One line in ASCII: so a surrogate without its partner, which UTF-8 cannot hold, survives. */
    private static void write(OutputStream protocol, JsonObject message) throws IOException {
        String text = GSON.toJson(message);
        for (int at = 0; at < text.length(); at++) {
            char letter = text.charAt(at);
            if (letter < 0x80) {
                protocol.write(letter);
            } else {
                String escaped = String.format("\\u%04x", (int) letter);
                protocol.write(escaped.getBytes(StandardCharsets.US_ASCII));
            }
        }
        protocol.write('\n');
        protocol.flush();
    }

    private static JsonObject started() {
        JsonObject sdk = new JsonObject();
        sdk.addProperty("name", SDK);
        sdk.addProperty("version", VersionInfoUtils.getVersion());
        JsonArray capabilities = new JsonArray();
        for (String capability : CAPABILITIES) {
            capabilities.add(capability);
        }
        JsonObject started = new JsonObject();
        started.addProperty("type", "started");
        started.addProperty("protocol", 1);
        started.addProperty("runner", "java");
        started.addProperty("language", "Java");
        started.addProperty("runtime", property("java.vm.name") + " " + property("java.version"));
        started.addProperty("os", property("os.name") + " " + property("os.version"));
        started.add("sdk", sdk);
        started.add("capabilities", capabilities);
        return started;
    }

    private static String property(String name) {
        return System.getProperty(name);
    }

    private JsonObject answer(JsonObject command) throws Exception {
        JsonObject answer = new JsonObject();
        answer.addProperty("type", "answer");
        answer.add("seq", command.get("seq"));
        String operation = command.get("operation").getAsString();
        if (operation.equals("bodies") || operation.equals("presigned")) {
            call(command, answer, operation.equals("presigned"));
        } else {
            answer.addProperty("kind", "unsupported");
            answer.addProperty("reason", "no operation " + operation);
        }
        return answer;
    }

    private void call(JsonObject command, JsonObject answer, boolean presigned) throws Exception {
        setEnvironment(command.get("credentials"));
        boolean fresh = command.get("client").getAsString().equals("fresh");
        OSS client = null;
        URL url = null;
        boolean responded = false;
        try {
            client = fresh ? build(command) : keptClient(command);
            OSSObject object;
            if (presigned) {
                url = client.generatePresignedUrl(urlRequest(command));
                object = client.getObject(url, new HashMap<>());
            } else {
                object = client.getObject(request(command));
            }
            responded = true;
            addContent(answer, readToEnd(object));
        } catch (Exception | LinkageError thrown) { // whatever the SDK throws is what its user gets
            boolean unasked = presigned && url == null;
            addError(answer, thrown, unasked ? "client" : origin(thrown, responded));
        } finally {
            if (fresh && client != null) {
                client.shutdown();
            }
        }
    }

    private static GetObjectRequest request(JsonObject command) {
        GetObjectRequest request = new GetObjectRequest(
                command.get("bucket").getAsString(), command.get("key").getAsString());
        request.setProcess(process(command));
        if (!command.get("version_id").isJsonNull()) {
            request.setVersionId(command.get("version_id").getAsString());
        }
        return request;
    }

    private static GeneratePresignedUrlRequest urlRequest(JsonObject command) {
        GeneratePresignedUrlRequest request = new GeneratePresignedUrlRequest(
                command.get("bucket").getAsString(), command.get("key").getAsString());
        request.setProcess(process(command));
        if (!command.get("version_id").isJsonNull()) {
            request.addQueryParameter("versionId", command.get("version_id").getAsString());
        }
        request.setExpiration(new Date(System.currentTimeMillis() + URL_VALID));
        return request;
    }

    /**
     * The SDK's own provider reads System.getenv, which Java makes once and keeps; commands carry
     * other values from call to call. The unmodifiable map has the real one in its field `m` (the
     * command line opens java.util for this), so that the provider is the one that users use.
     */
    @SuppressWarnings("unchecked")
    private static void setEnvironment(JsonElement credentials) throws Exception {
        Field inner = System.getenv().getClass().getDeclaredField("m");
        inner.setAccessible(true);
        Map<String, String> environment = (Map<String, String>) inner.get(System.getenv());
        for (String[] variable : VARIABLES) {
            JsonElement value = credentials.isJsonNull()
                    ? JsonNull.INSTANCE : credentials.getAsJsonObject().get(variable[1]);
            if (value.isJsonNull()) {
                environment.remove(variable[0]);
            } else {
                environment.put(variable[0], value.getAsString());
            }
        }
    }

    private OSS keptClient(JsonObject command) throws Exception {
        JsonArray settings = new JsonArray();
        for (String name : SETTINGS) {
            settings.add(command.get(name));
        }
        OSS client = kept.get(settings.toString());
        if (client == null) {
            client = build(command);
            kept.put(settings.toString(), client);
        }
        return client;
    }

    private static OSS build(JsonObject command) throws Exception {
        ClientBuilderConfiguration configuration = new ClientBuilderConfiguration();
        boolean v4 = command.get("signature").getAsString().equals("v4");
        configuration.setSignatureVersion(v4 ? SignVersion.V4 : SignVersion.V1);
        JsonObject timeouts = command.getAsJsonObject("timeouts");
        configuration.setConnectionTimeout(timeouts.get("connect").getAsInt());
        configuration.setSocketTimeout(timeouts.get("read").getAsInt());
        if (command.get("addressing").getAsString().equals("path")) {
            configuration.setSLDEnabled(true);
        }
        if (command.get("addressing").getAsString().equals("cname")) {
            configuration.setSupportCname(true);
        }
        if (!command.get("proxy").isJsonNull()) {
            URI proxy = URI.create(command.get("proxy").getAsString());
            configuration.setProxyHost(proxy.getHost());
            configuration.setProxyPort(proxy.getPort());
        }
        CredentialsProvider provider = command.get("credentials").isJsonNull()
                ? new Nobody()
                : CredentialsProviderFactory.newEnvironmentVariableCredentialsProvider();
        OSSClientBuilder.OSSClientBuilderImpl builder = OSSClientBuilder.create()
                .endpoint(command.get("endpoint").getAsString())
                .credentialsProvider(provider)
                .clientConfiguration(configuration);
        if (!command.get("region").isJsonNull()) {
            builder.region(command.get("region").getAsString());
        }
        return builder.build();
    }

    /**
     * The SDK's signers leave a request unsigned when key id and secret are empty. It ships no
     * credentials that are: who wants anonymous access implements its two interfaces like this.
     */
    private static final class Nobody implements CredentialsProvider, Credentials {
        @Override public void setCredentials(Credentials credentials) { }
        @Override public Credentials getCredentials() { return this; }
        @Override public String getAccessKeyId() { return ""; }
        @Override public String getSecretAccessKey() { return ""; }
        @Override public String getSecurityToken() { return null; }
        @Override public boolean useSecurityToken() { return false; }
    }

    private static String process(JsonObject command) {
        if (!command.get("process").isJsonNull()) {
            return command.get("process").getAsString();
        }
        if (command.get("sen").isJsonNull()) {
            return "image/bodies";
        }
        return "image/bodies,sen_" + command.get("sen").getAsString();
    }

    /** The content as a program reads it; the connection of a reading that breaks off is closed. */
    private static byte[] readToEnd(OSSObject object) throws IOException {
        try (OSSObject open = object) {
            ByteArrayOutputStream read = new ByteArrayOutputStream();
            InputStream content = open.getObjectContent();
            byte[] buffer = new byte[8192];
            for (int count; (count = content.read(buffer)) != -1; ) {
                read.write(buffer, 0, count);
            }
            return read.toByteArray();
        }
    }

    private static void addContent(JsonObject answer, byte[] raw) throws Exception {
        JsonElement parsed = JsonNull.INSTANCE;
        String parseError = null;
        try {
            parsed = tagged(parse(raw));
        } catch (IOException | RuntimeException refused) {
            parseError = refused.toString();
        } catch (StackOverflowError tooDeep) {
            parseError = "nested too deep for Gson's tree: " + tooDeep;
        }
        BigInteger digest = new BigInteger(1, MessageDigest.getInstance("SHA-256").digest(raw));
        JsonObject content = new JsonObject();
        content.addProperty("base64", Base64.getEncoder().encodeToString(raw));
        content.addProperty("length", raw.length);
        content.addProperty("sha256", String.format("%064x", digest));
        answer.addProperty("kind", "content");
        answer.add("content", content);
        answer.add("parsed", parsed);
        answer.addProperty("parse_error", parseError);
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
    private static void addError(JsonObject answer, Throwable thrown, String origin) {
        JsonObject error = new JsonObject();
        error.addProperty("origin", origin);
        error.addProperty("error_class", thrown.getClass().getName());
        error.addProperty("text", thrown.toString());
        error.add("status", JsonNull.INSTANCE);
        for (String field : new String[] {"code", "message", "request_id", "host_id", "ec"}) {
            error.add(field, JsonNull.INSTANCE);
        }
        if (thrown instanceof OSSException) {
            OSSException told = (OSSException) thrown;
            error.addProperty("code", told.getErrorCode());
            error.addProperty("message", told.getErrorMessage());
            error.addProperty("request_id", told.getRequestId());
            error.addProperty("host_id", told.getHostId());
            error.addProperty("ec", ec(told));
        } else if (thrown instanceof ClientException) {
            // It has a request id too, which says "Unknown".
            error.addProperty("code", ((ClientException) thrown).getErrorCode());
            error.addProperty("message", ((ClientException) thrown).getErrorMessage());
        }
        answer.addProperty("kind", "error");
        answer.add("error", error);
    }

    /** OSSException.getEC came with 3.17.0. */
    private static String ec(OSSException service) {
        try {
            return (String) OSSException.class.getMethod("getEC").invoke(service);
        } catch (ReflectiveOperationException olderRelease) {
            return null;
        }
    }

    private static String origin(Throwable thrown, boolean responded) {
        if (thrown instanceof OSSException) {
            String code = ((OSSException) thrown).getErrorCode();
            return OSSErrorCode.INVALID_RESPONSE.equals(code) ? "parse" : "service";
        }
        if (thrown instanceof InvalidCredentialsException) {
            return "client";
        }
        // A ClientException wraps whatever went wrong on the way.
        for (Throwable cause = thrown; cause != null; cause = cause.getCause()) {
            if (cause instanceof IOException) {
                return "transport";
            }
            for (StackTraceElement frame : cause.getStackTrace()) {
                String place = frame.getClassName() + "." + frame.getMethodName();
                responded |= IN_RESPONSE.matcher(place).find();
            }
        }
        return responded ? "parse" : "client";
    }
}
