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

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.lang.reflect.Field;
import java.net.URI;
import java.net.URL;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;

/**
 * The runner for the Java SDK: one SDK call for each command. Protocol reads and writes them.
 *
 * <p>runners/README.md is the contract. The manifest's command line makes a start cheap (one
 * collector thread, the quick compiler only, the classes that build.sh archived: half the processor
 * time of the JVM's defaults up to 300 calls), keeps what the JVM itself prints off stdout, opens
 * java.util for setEnvironment, and has each host name looked up once: the SDK asks for the
 * endpoint's address whenever it makes a client, with a proxy too.
 */
public final class Runner implements Protocol.Calls {

    private static final String SDK = "com.aliyun.oss:aliyun-sdk-oss";
    private static final String[] CAPABILITIES = {
        "proxy", "presigned", "path-style", "cname", "anonymous", "token", "kept", "v1", "process",
        "timeouts", "version"
    };
    private static final long URL_VALID = 3_600_000; // milliseconds
    // Where the SDK has a response in hand: what fails there came after something was sent.
    private static final Pattern IN_RESPONSE = Pattern.compile("^com\\.aliyun\\.oss\\..*("
            + "ResponseParsers|ErrorResponseHandler|ProgressInputStream|(build|handle)Response$)");

    private final Map<String, OSS> kept = new HashMap<>();

    public static void main(String[] args) throws Exception {
        Protocol protocol = new Protocol();
        Protocol.Sdk sdk = new Protocol.Sdk(SDK, VersionInfoUtils.getVersion());
        protocol.serve(new Protocol.Started("java", sdk, CAPABILITIES), new Runner());
    }

    @Override
    public void newCase() {
        kept.values().forEach(OSS::shutdown);
        kept.clear();
    }

    @Override
    public Protocol.Answer call(Protocol.Command command) throws Exception {
        setEnvironment(command.credentials);
        boolean byUrl = command.sign.equals("url");
        OSS client = null;
        URL url = null;
        boolean responded = false;
        try {
            client = command.fresh() ? build(command) : keptClient(command);
            OSSObject object;
            if (byUrl) {
                url = client.generatePresignedUrl(urlRequest(command));
                object = client.getObject(url, new HashMap<>());
            } else {
                object = client.getObject(request(command));
            }
            responded = true;
            return Protocol.content(readToEnd(object));
        } catch (Exception | LinkageError thrown) { // whatever the SDK throws is what its user gets
            boolean unasked = byUrl && url == null;
            return failed(thrown, unasked ? "client" : origin(thrown, responded));
        } finally {
            if (command.fresh() && client != null) {
                client.shutdown();
            }
        }
    }

    private static GetObjectRequest request(Protocol.Command command) {
        GetObjectRequest request = new GetObjectRequest(command.bucket, command.key);
        request.setProcess(command.processingString());
        if (command.versionId != null) {
            request.setVersionId(command.versionId);
        }
        return request;
    }

    private static GeneratePresignedUrlRequest urlRequest(Protocol.Command command) {
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
    private static void setEnvironment(Protocol.Keys keys) throws Exception {
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

    private OSS keptClient(Protocol.Command command) throws Exception {
        OSS client = kept.get(command.settings());
        if (client == null) {
            client = build(command);
            kept.put(command.settings(), client);
        }
        return client;
    }

    private static OSS build(Protocol.Command command) throws Exception {
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
        }
        CredentialsProvider provider = command.credentials == null
                ? new Nobody()
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

    private static Protocol.Answer failed(Throwable thrown, String origin) {
        Protocol.Failure error = new Protocol.Failure(origin, thrown);
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
        return new Protocol.Failed(error);
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
