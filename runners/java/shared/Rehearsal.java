import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpsConfigurator;
import com.sun.net.httpserver.HttpsServer;

import java.io.ByteArrayInputStream;
import java.io.FileInputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.security.KeyStore;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;

/**
 * One conversation with the runner, held while it is built: `java Rehearsal IDENTITY.p12`.
 *
 * <p>The JVM then archives the classes that were loaded (-XX:ArchiveClassesAtExit). That saves a
 * third of what the start and the first call cost in a runner and in a sample, and changes nothing
 * else. The other end is a TLS server on loopback with the certificate in IDENTITY, for localhost,
 * which must be trusted.
 */
final class Rehearsal {

    private static final char[] PASSWORD = "changeit".toCharArray();
    private static final String CALL = "{'type':'call','seq':1,'action':'image/bodies',"
            + "'parameters':{'sen':50},'process':null,'sign':'header','client':'fresh',"
            + "'provider':'environment','endpoint':'https://localhost:%d',"
            + "'region':'cn-hangzhou','bucket':'examplebucket',"
            + "'key':'%s','version_id':null,'signature':'v4',"
            + "'credentials':{'access_key_id':'nobody','access_key_secret':'nothing',"
            + "'security_token':null},"
            + "'addressing':'path','proxy':null,'timeouts':{'connect':5000,'read':5000},"
            + "'into':'memory','consume':null}\n";

    public static void main(String[] args) throws Exception {
        HttpsServer server = HttpsServer.create(
                new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.setHttpsConfigurator(new HttpsConfigurator(identity(args[0])));
        server.createContext("/", Rehearsal::reply);
        server.start();

        int port = server.getAddress().getPort();
        String commands = "{'type':'start','protocol':2}\n{'type':'case'}\n"
                + String.format(CALL, port, "found") + String.format(CALL, port, "missing")
                + "{'type':'stop'}\n";
        System.setIn(new ByteArrayInputStream(
                commands.replace('\'', '"').getBytes(StandardCharsets.US_ASCII)));
        Runner.main(args);
    }

    private static SSLContext identity(String path) throws Exception {
        KeyStore store = KeyStore.getInstance("PKCS12");
        try (FileInputStream file = new FileInputStream(path)) {
            store.load(file, PASSWORD);
        }
        String algorithm = KeyManagerFactory.getDefaultAlgorithm();
        KeyManagerFactory keys = KeyManagerFactory.getInstance(algorithm);
        keys.init(store, PASSWORD);
        SSLContext context = SSLContext.getInstance("TLS");
        context.init(keys.getKeyManagers(), null, null);
        return context;
    }

    private static void reply(HttpExchange exchange) throws IOException {
        boolean found = exchange.getRequestURI().getPath().endsWith("/found");
        String text = found
                ? "{\"Bodies\":[{\"Confidence\":0.7}]}" : "<Error><Code>NoSuchKey</Code></Error>";
        byte[] body = text.getBytes(StandardCharsets.US_ASCII);
        exchange.sendResponseHeaders(found ? 200 : 404, body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }
}
