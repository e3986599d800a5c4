import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;

import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * One conversation with the runner, held while it is built: `java Rehearsal IDENTITY.p12`.
 *
 * <p>The JVM then archives the classes that were loaded (-XX:ArchiveClassesAtExit). That halves what
 * the first call costs in a runner and in a sample, and changes nothing else. The other end is a TLS
 * server on loopback with the certificate in IDENTITY, which must be for localhost and be trusted.
 */
final class Rehearsal {

    public static void main(String[] args) throws Exception {
        char[] password = "changeit".toCharArray();
        KeyStore identity = KeyStore.getInstance("PKCS12");
        try (FileInputStream file = new FileInputStream(args[0])) {
            identity.load(file, password);
        }
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(identity, password);
        SSLContext tls = SSLContext.getInstance("TLS");
        tls.init(keys.getKeyManagers(), null, null);

        HttpsServer server = HttpsServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(tls));
        server.createContext("/", exchange -> {
            boolean found = exchange.getRequestURI().getPath().endsWith("/found");
            byte[] body = (found ? "{\"Bodies\":[{\"Confidence\":0.7}]}" : "<Error><Code>NoSuchKey</Code></Error>")
                    .getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(found ? 200 : 404, body.length);
            exchange.getResponseBody().write(body);
            exchange.close();
        });
        server.start();

        String call = "{\"type\":\"call\",\"seq\":1,\"operation\":\"bodies\",\"client\":\"fresh\","
                + "\"endpoint\":\"https://localhost:" + server.getAddress().getPort() + "\","
                + "\"region\":\"cn-hangzhou\",\"bucket\":\"examplebucket\",\"key\":\"KEY\",\"sen\":50,"
                + "\"process\":null,\"signature\":\"v4\",\"credentials\":{\"access_key_id\":\"nobody\","
                + "\"access_key_secret\":\"nothing\",\"security_token\":null},\"addressing\":\"path\","
                + "\"proxy\":null,\"timeouts\":{\"connect\":5000,\"read\":5000}}\n";
        String commands = "{\"type\":\"start\",\"protocol\":1}\n"
                + call.replace("KEY", "found") + call.replace("KEY", "missing") + "{\"type\":\"stop\"}\n";
        System.setIn(new ByteArrayInputStream(commands.getBytes(StandardCharsets.UTF_8)));
        Runner.main(args);
    }
}
