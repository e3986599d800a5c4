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
import java.io.ByteArrayOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.Function;
import java.util.logging.LogManager;
import java.util.regex.Pattern;

/**
 * What every Java runner does alike: commands on stdin, answers on stdout, content as an answer.
 *
 * <p>runners/README.md is the contract. All JSON of the protocol is read and written here; Messages
 * are what it holds. Content is read with Gson, whose numbers keep the text that they were written
 * with.
 */
final class Protocol {

    /** A runner: what `call`, `calls` and `case` mean for its SDK. */
    interface Calls {
        /** The answers to calls on one client, in their order. */
        List<Messages.Answer> answers(List<Messages.Command> calls) throws Exception;

        /** Close what was kept. */
        void newCase();
    }

    private static final Pattern INTEGER = Pattern.compile("-?[0-9]+");
    static final Gson GSON = new GsonBuilder()
            .setFieldNamingPolicy(FieldNamingPolicy.LOWER_CASE_WITH_UNDERSCORES)
            .serializeNulls()
            .disableHtmlEscaping()
            .create();
    private static final TypeAdapter<JsonElement> TREE = GSON.getAdapter(JsonElement.class);

    private final OutputStream answers =
            new BufferedOutputStream(new FileOutputStream(FileDescriptor.out));
    private final PrintStream printed = System.err;

    /** Takes standard output; to be called before a class of the SDK is loaded. */
    Protocol() {
        System.setOut(printed);
        // The SDK logs each error that it also throws; the answer has it, so the log is not needed.
        LogManager.getLogManager().reset();
    }

    /** Answers each line until `stop` or the end of input, and exits. */
    void serve(Messages.Started started, Calls runner) throws Exception {
        BufferedReader commands =
                new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        for (String line; (line = commands.readLine()) != null; ) {
            Messages.Command command = GSON.fromJson(line, Messages.Command.class);
            if (command.type.equals("stop")) {
                break;
            }
            if (command.type.equals("case")) {
                runner.newCase();
            } else if (command.type.equals("start")) {
                write(started);
            } else if (command.type.equals("calls")) {
                write(new Messages.Answers(command.seq, answers(command, command.calls, runner)));
            } else {
                write(answers(command, List.of(command), runner).get(0));
            }
        }
        // Whatever threads the SDK may have left do not keep the program alive.
        System.exit(0);
    }

    private static List<Messages.Answer> answers(
            Messages.Command command, List<Messages.Command> calls, Calls runner) throws Exception {
        String sign = calls.get(0).sign; // the calls of one command have it in common
        boolean known = sign.equals("header") || sign.equals("url");
        List<Messages.Answer> answers = known
                ? runner.answers(calls)
                : Collections.nCopies(
                        calls.size(), new Messages.Unsupported("no way to sign named " + sign));
        answers.forEach(answer -> answer.seq = command.seq);
        return answers;
    }

    /** The answers to calls: to several, from a thread for each, which all start at once. */
    static List<Messages.Answer> atOnce(
            List<Messages.Command> calls, Function<Messages.Command, Messages.Answer> answerTo)
            throws Exception {
        if (calls.size() == 1) {
            return List.of(answerTo.apply(calls.get(0)));
        }
        CyclicBarrier start = new CyclicBarrier(calls.size());
        List<Callable<Messages.Answer>> tasks = new ArrayList<>();
        for (Messages.Command call : calls) {
            tasks.add(() -> {
                start.await();
                return answerTo.apply(call);
            });
        }
        ExecutorService threads = Executors.newFixedThreadPool(calls.size());
        List<Messages.Answer> answers = new ArrayList<>();
        for (Future<Messages.Answer> answer : threads.invokeAll(tasks)) {
            answers.add(answer.get());
        }
        threads.shutdown();
        return answers;
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
        printed.write(0x1e); // the capability `marks`
        printed.flush(); // what was printed during a call is there before its answer
        answers.flush();
    }

    /** What a program reads of content before it closes it; consume null: all of it, at once. */
    static byte[] read(InputStream content, Messages.Consume consume) throws Exception {
        int limit = consume == null || consume.limit == null ? Integer.MAX_VALUE : consume.limit;
        if (consume != null) {
            Thread.sleep(consume.pause);
        }
        ByteArrayOutputStream read = new ByteArrayOutputStream();
        byte[] buffer = new byte[8192];
        while (read.size() < limit) {
            int count = content.read(buffer, 0, Math.min(buffer.length, limit - read.size()));
            if (count == -1) {
                break;
            }
            read.write(buffer, 0, count);
        }
        return read.toByteArray();
    }

    /** The answer for content. */
    static Messages.Answer content(byte[] raw) throws NoSuchAlgorithmException {
        JsonElement parsed = JsonNull.INSTANCE;
        String parseError = null;
        try {
            parsed = tagged(parse(raw));
        } catch (IOException | RuntimeException refused) {
            parseError = refused.toString();
        } catch (StackOverflowError tooDeep) {
            parseError = "nested too deep for Gson's tree: " + tooDeep;
        }
        return new Messages.Content(new Messages.Bytes(raw), parsed, parseError);
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
}
