import com.aliyun.oss.ClientBuilderConfiguration;
import com.aliyun.oss.ClientConfiguration;
import com.aliyun.oss.ClientException;
import com.aliyun.oss.OSS;
import com.aliyun.oss.OSSClientBuilder;
import com.aliyun.oss.OSSErrorCode;
import com.aliyun.oss.OSSException;
import com.aliyun.oss.common.auth.Credentials;
import com.aliyun.oss.common.auth.CredentialsProvider;
import com.aliyun.oss.common.auth.CredentialsProviderFactory;
import com.aliyun.oss.common.auth.DefaultCredentials;
import com.aliyun.oss.common.auth.InvalidCredentialsException;
import com.aliyun.oss.common.comm.SignVersion;
import com.aliyun.oss.common.utils.VersionInfoUtils;
import com.aliyun.oss.model.GeneratePresignedUrlRequest;
import com.aliyun.oss.model.GetObjectRequest;
import com.aliyun.oss.model.OSSObject;

import java.io.File;
import java.io.IOException;
import java.lang.reflect.Field;
import java.net.URI;
import java.nio.file.Files;
import java.util.Collections;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Pattern;

import org.apache.http.util.VersionInfo;

/**
 * The runner for the Java SDK: one SDK call for each command. Protocol reads and writes them.
 *
 * <p>runners/README.md is the contract. The manifest's command line makes a start cheap (one
 * collector thread, the quick compiler only, the classes that build.sh archived: half the processor
 * time of the JVM's defaults up to 300 calls), has what the JVM itself prints on stderr (it warns of
 * an archive that was made elsewhere), opens java.util for setEnvironment, and has each host name
 * looked up once: the SDK asks for the endpoint's address whenever it makes a client, with a proxy
 * too. The variable for libfaketime keeps it from ending the JVM's timed waits at once, which makes
 * every idle thread of the JVM run without pause.
 */
public final class Runner implements Protocol.Calls {

    private static final String SDK = "com.aliyun.oss:aliyun-sdk-oss";
    private static final String[] CAPABILITIES = {
        "proxy", "presigned", "path-style", "cname", "anonymous", "token", "kept", "v1", "process",
        "timeouts", "version", "provider", "threads", "to-file", "partial", "clock", "marks"
    };
    private static final long URL_VALID = 3_600_000; // milliseconds
    // Where the SDK has a response in hand: what fails there came after something was sent.
    private static final Pattern IN_RESPONSE = Pattern.compile("^com\\.aliyun\\.oss\\..*("
            + "ResponseParsers|ErrorResponseHandler|ProgressInputStream|(build|handle)Response$|checkChecksum$)");

    private final Map<String, OSS> kept = new HashMap<>();
    private volatile Messages.Keys keys; // of the call under way

    public static void main(String[] args) throws Exception {
        Protocol protocol = new Protocol();
        Messages.Sdk sdk = new Messages.Sdk(SDK, VersionInfoUtils.getVersion());
        Messages.Started started = new Messages.Started("java", sdk, CAPABILITIES);
        started.dependencies = new TreeMap<>(Map.of(
                "httpclient", loaded("org.apache.http.client"),
                "httpcore", loaded("org.apache.http")));
        started.defaults = defaults(new ClientBuilderConfiguration());
        protocol.serve(started, new Runner());
    }

    private static String loaded(String library) {
        ClassLoader loader = Runner.class.getClassLoader();
        return VersionInfo.loadVersionInfo(library, loader).getRelease();
    }

    private static Map<String, String> defaults(ClientConfiguration configuration) {
        return new TreeMap<>(Map.of(
                "connect_timeout", configuration.getConnectionTimeout() + " ms",
                "read_timeout", configuration.getSocketTimeout() + " ms",
                "retries", String.valueOf(configuration.getMaxErrorRetry()),
                "redirects", String.valueOf(configuration.isRedirectEnable()),
                "checksum", String.valueOf(configuration.isCrcCheckEnabled()),
                "connections", String.valueOf(configuration.getMaxConnections()),
                "signature", configuration.getSignatureVersion().toString()));
    }

    @Override
    public void newCase() {
        kept.values().forEach(OSS::shutdown);
        kept.clear();
    }

    @Override
    public List<Messages.Answer> answers(List<Messages.Command> calls) throws Exception {
        Messages.Command first = calls.get(0); // what a client is made from is the same in all
        keys = first.credentials;
        setEnvironment(first.ownProvider() ? null : keys);
        OSS client;
        try {
            client = first.fresh() ? build(first) : keptClient(first);
        } catch (Throwable thrown) {
            return Collections.nCopies(calls.size(), failed(thrown, origin(thrown, false)));
        }
        try {
            return Protocol.atOnce(calls, call -> answer(client, call));
        } finally {
            if (first.fresh()) {
                client.shutdown();
            }
        }
    }

    private static Messages.Answer answer(OSS client, Messages.Command command) {
        boolean asked = false;
        boolean responded = false;
        try {
            GetObjectRequest request = command.byUrl()
                    ? new GetObjectRequest(
                            client.generatePresignedUrl(urlRequest(command)), new HashMap<>())
                    : request(command);
            asked = true;
            if (command.intoFile()) {
                return Protocol.content(file(client, request));
            }
            try (OSSObject object = client.getObject(request)) {
                responded = true;
                return Protocol.content(
                        Protocol.read(object.getObjectContent(), command.consume));
            }
        } catch (Throwable thrown) { // whatever the SDK throws is what its user gets
            return failed(thrown, asked ? origin(thrown, responded) : "client");
        }
    }

    /** What the SDK writes to a file, which lies where the environment says. */
    private static byte[] file(OSS client, GetObjectRequest request) throws IOException {
        String folder = System.getenv("TMPDIR"); // which Java does not look at
        File file = File.createTempFile("object", null, folder == null ? null : new File(folder));
        try {
            client.getObject(request, file);
            return Files.readAllBytes(file.toPath());
        } finally {
            Files.deleteIfExists(file.toPath());
        }
    }

    private static GetObjectRequest request(Messages.Command command) {
        GetObjectRequest request = new GetObjectRequest(command.bucket, command.key);
        request.setProcess(command.processingString());
        if (command.versionId != null) {
            request.setVersionId(command.versionId);
        }
        return request;
    }

    private static GeneratePresignedUrlRequest urlRequest(Messages.Command command) {
        GeneratePresignedUrlRequest request =
                new GeneratePresignedUrlRequest(command.bucket, command.key);
        request.setProcess(command.processingString());
        if (command.versionId != null) {
            request.addQueryParameter("versionId", command.versionId);
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
    private static void setEnvironment(Messages.Keys keys) throws Exception {
        Field inner = System.getenv().getClass().getDeclaredField("m");
        inner.setAccessible(true);
        Map<String, String> environment = (Map<String, String>) inner.get(System.getenv());
        set(environment, "OSS_ACCESS_KEY_ID", keys == null ? null : keys.accessKeyId);
        set(environment, "OSS_ACCESS_KEY_SECRET", keys == null ? null : keys.accessKeySecret);
        set(environment, "OSS_SESSION_TOKEN", keys == null ? null : keys.securityToken);
    }

    private static void set(Map<String, String> environment, String name, String value) {
        if (value == null) {
            environment.remove(name);
        } else {
            environment.put(name, value);
        }
    }

    private OSS keptClient(Messages.Command command) throws Exception {
        OSS client = kept.get(command.settings());
        if (client == null) {
            client = build(command);
            kept.put(command.settings(), client);
        }
        return client;
    }

    private OSS build(Messages.Command command) throws Exception {
        ClientBuilderConfiguration configuration = new ClientBuilderConfiguration();
        if (command.signature != null) {
            boolean v4 = command.signature.equals("v4");
            configuration.setSignatureVersion(v4 ? SignVersion.V4 : SignVersion.V1);
        }
        if (command.timeouts.connect != null) {
            configuration.setConnectionTimeout(command.timeouts.connect);
        }
        if (command.timeouts.read != null) {
            configuration.setSocketTimeout(command.timeouts.read);
        }
        if ("path".equals(command.addressing)) {
            configuration.setSLDEnabled(true);
        }
        if ("cname".equals(command.addressing)) {
            configuration.setSupportCname(true);
        }
        if (command.proxy != null) {
            URI proxy = URI.create(command.proxy);
            configuration.setProxyHost(proxy.getHost());
            configuration.setProxyPort(proxy.getPort());
            if (proxy.getUserInfo() != null) { // RFC 7617: the user has no colon
                String[] login = proxy.getUserInfo().split(":", 2);
                configuration.setProxyUsername(login[0]);
                configuration.setProxyPassword(login.length > 1 ? login[1] : "");
            }
        }
        CredentialsProvider provider = command.ownProvider() || command.credentials == null
                ? new Provider()
                : CredentialsProviderFactory.newEnvironmentVariableCredentialsProvider();
        OSSClientBuilder.OSSClientBuilderImpl builder = OSSClientBuilder.create()
                .endpoint(command.endpoint)
                .credentialsProvider(provider)
                .clientConfiguration(configuration);
        if (command.region != null) {
            builder.region(command.region);
        }
        return builder.build();
    }

    /** A provider of the program's own: the credentials of the call under way, whenever asked. */
    private final class Provider implements CredentialsProvider {
        @Override public void setCredentials(Credentials credentials) { }

        @Override
        public Credentials getCredentials() {
            return keys == null
                    ? new Nobody()
                    : new DefaultCredentials(
                            keys.accessKeyId, keys.accessKeySecret, keys.securityToken);
        }
    }

    /**
     * The SDK's signers leave a request unsigned when key id and secret are empty. It ships no
     * credentials that are: who wants anonymous access implements its two interfaces like this.
     */
    private static final class Nobody implements Credentials {
        @Override public String getAccessKeyId() { return ""; }
        @Override public String getSecretAccessKey() { return ""; }
        @Override public String getSecurityToken() { return null; }
        @Override public boolean useSecurityToken() { return false; }
    }

    private static Messages.Answer failed(Throwable thrown, String origin) {
        Messages.Failure error = new Messages.Failure(origin, thrown);
        error.caught = thrown instanceof OSSException || thrown instanceof ClientException;
        if (thrown instanceof OSSException) {
            OSSException reported = (OSSException) thrown;
            error.code = reported.getErrorCode();
            error.message = reported.getErrorMessage();
            error.requestId = reported.getRequestId();
            error.hostId = reported.getHostId();
            error.ec = ec(reported);
        } else if (thrown instanceof ClientException) {
            // It has a request id too, which says "Unknown".
            error.code = ((ClientException) thrown).getErrorCode();
            error.message = ((ClientException) thrown).getErrorMessage();
        }
        return new Messages.Failed(error);
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
