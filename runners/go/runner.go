// The runner for aliyun-oss-go-sdk: commands on stdin, one SDK call each, answers on stdout.
//
// runners/README.md is the contract. A panic of the SDK is not caught: it ends a user's program, so
// it ends this one, and the stack is on standard error.
package main

import (
	"bufio"
	"bytes"
	"compress/flate"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptrace"
	"os"
	"reflect"
	"runtime"
	"runtime/debug"
	"strings"
	"unsafe"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"
)

const module = "github.com/aliyun/aliyun-oss-go-sdk"

// The SDK signs every request (empty keys give an empty signature), so `anonymous` is not here.
var capabilities = []string{
	"proxy", "presigned", "path-style", "cname", "token", "kept", "v1", "process", "timeouts",
	"version",
}

const urlValid = 3600 // seconds

type object = map[string]any

// settings are what makes a client, and so what a kept one must have in common with the last call.
type settings struct {
	Endpoint    string  `json:"endpoint"`
	Region      *string `json:"region"`
	Signature   string  `json:"signature"`
	Credentials *struct {
		ID     *string `json:"access_key_id"`
		Secret *string `json:"access_key_secret"`
		Token  *string `json:"security_token"`
	} `json:"credentials"`
	Addressing string  `json:"addressing"`
	Proxy      *string `json:"proxy"`
	Timeouts   struct {
		Connect int64 `json:"connect"`
		Read    int64 `json:"read"`
	} `json:"timeouts"`
}

type command struct {
	Type      string       `json:"type"`
	Seq       int64        `json:"seq"`
	Operation string       `json:"operation"`
	Client    string       `json:"client"`
	Bucket    string       `json:"bucket"`
	Key       string       `json:"key"`
	Sen       *json.Number `json:"sen"`
	Process   *string      `json:"process"`
	Version   *string      `json:"version_id"`
	settings
}

// progress is how far a call came; it tells an error's origin without reading the error's text.
type progress struct {
	tried     bool        // the HTTP client asked for a connection
	responded http.Header // the SDK had a whole response in hand
	reading   bool        // the SDK handed over content, which is being read
}

func main() {
	protocol := json.NewEncoder(os.Stdout)
	protocol.SetEscapeHTML(false)
	// Standard output belongs to the protocol; the SDK's logger, for one, is made for os.Stdout.
	os.Stdout = os.Stderr

	kept := map[string]*oss.Client{}
	commands := bufio.NewReader(os.Stdin)
	for {
		line, err := commands.ReadBytes('\n')
		if err != nil {
			return // the end of input means stop as well
		}
		var asked command
		if err := json.Unmarshal(line, &asked); err != nil {
			log.Fatal("not a command: ", err)
		}
		var answer object
		switch asked.Type {
		case "stop":
			return
		case "start":
			answer = started()
		default:
			answer = call(asked, kept)
			answer["type"], answer["seq"] = "answer", asked.Seq
		}
		if err := protocol.Encode(answer); err != nil {
			log.Fatal("nobody reads the answers: ", err)
		}
	}
}

func started() object {
	return object{
		"type":         "started",
		"protocol":     1,
		"runner":       "go",
		"language":     "Go",
		"runtime":      runtime.Version(),
		"os":           runtime.GOOS + "/" + runtime.GOARCH,
		"sdk":          object{"name": module, "version": sdkVersion()},
		"capabilities": capabilities,
	}
}

// sdkVersion is that of the module that was linked, as the Go command wrote it into this program; a
// checkout has only its constant. The constant alone would not do: that of v3.0.1 says v2.2.10.
func sdkVersion() string {
	version := oss.Version
	if built, ok := debug.ReadBuildInfo(); ok {
		for _, linked := range built.Deps {
			if linked.Path == module && linked.Replace == nil {
				version = linked.Version
			}
		}
	}
	return strings.TrimSuffix(strings.TrimPrefix(version, "v"), "+incompatible")
}

func call(asked command, kept map[string]*oss.Client) object {
	if asked.Operation != "bodies" && asked.Operation != "presigned" {
		return unsupported("no operation " + asked.Operation)
	}
	if asked.Credentials == nil {
		return unsupported("the SDK has no way of not signing")
	}
	var came progress
	client, err := clientFor(asked, kept)
	if err != nil {
		return failure(err, came)
	}
	if asked.Client == "fresh" {
		defer closeConnections(client)
	}
	bucket, err := client.Bucket(asked.Bucket)
	if err != nil {
		return failure(err, came)
	}
	body, err := get(bucket, asked, &came)
	if err != nil {
		return failure(err, came)
	}
	defer body.Close()
	came.reading = true
	data, err := io.ReadAll(body)
	if err != nil {
		return failure(err, came)
	}
	return content(data)
}

// get asks for the object as a program does, or by a URL that was signed beforehand.
func get(bucket *oss.Bucket, asked command, came *progress) (io.ReadCloser, error) {
	// Both options only watch: nothing that is sent or waited for changes.
	watched := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		GetConn: func(string) { came.tried = true },
	})
	within, header := oss.WithContext(watched), oss.GetResponseHeader(&came.responded)
	wanted := []oss.Option{oss.Process(process(asked))}
	if asked.Version != nil {
		wanted = append(wanted, oss.VersionId(*asked.Version))
	}
	if asked.Operation == "bodies" {
		return bucket.GetObject(asked.Key, append(wanted, within, header)...)
	}
	url, err := bucket.SignURL(asked.Key, oss.HTTPGet, urlValid, wanted...)
	if err != nil {
		return nil, err
	}
	return bucket.GetObjectWithURL(url, within, header)
}

// clientFor is a client of the call's own, or the one of the last call with the same settings.
func clientFor(asked command, kept map[string]*oss.Client) (*oss.Client, error) {
	setEnvironment("OSS_ACCESS_KEY_ID", asked.Credentials.ID)
	setEnvironment("OSS_ACCESS_KEY_SECRET", asked.Credentials.Secret)
	setEnvironment("OSS_SESSION_TOKEN", asked.Credentials.Token)
	if asked.Client == "fresh" {
		return newClient(asked.settings)
	}
	name, err := json.Marshal(asked.settings)
	if err != nil {
		log.Fatal("settings without a name: ", err)
	}
	if client, ok := kept[string(name)]; ok {
		return client, nil
	}
	client, err := newClient(asked.settings)
	if err == nil {
		kept[string(name)] = client
	}
	return client, err
}

func newClient(given settings) (*oss.Client, error) {
	provider, err := oss.NewEnvironmentVariableCredentialsProvider()
	if err != nil {
		return nil, err
	}
	options := []oss.ClientOption{
		oss.SetCredentialsProvider(&provider),
		// The SDK counts in whole seconds; a part of one is taken for a whole.
		oss.Timeout(seconds(given.Timeouts.Connect), seconds(given.Timeouts.Read)),
	}
	if given.Signature == "v4" {
		options = append(options, oss.AuthVersion(oss.AuthV4))
	} else {
		options = append(options, oss.AuthVersion(oss.AuthV1))
	}
	if given.Region != nil {
		options = append(options, oss.Region(*given.Region))
	}
	if given.Addressing == "path" {
		options = append(options, oss.ForcePathStyle(true))
	}
	if given.Addressing == "cname" {
		options = append(options, oss.UseCname(true))
	}
	if given.Proxy != nil {
		options = append(options, oss.Proxy(*given.Proxy))
	}
	return oss.New(given.Endpoint, "", "", options...)
}

// closeConnections ends what a fresh client leaves open. The SDK has no name for it and would leave
// the connection to its idle timeout, which thousands of calls cannot wait for; so this reaches for
// the HTTP client inside. Where a version has none, the connections do wait.
func closeConnections(client *oss.Client) {
	if inside := reflect.ValueOf(client.Conn).Elem().FieldByName("client"); inside.IsValid() {
		if found, ok := reflect.NewAt(inside.Type(), unsafe.Pointer(inside.UnsafeAddr())).
			Elem().Interface().(*http.Client); ok && found != nil {
			found.CloseIdleConnections()
		}
	}
}

func setEnvironment(name string, value *string) {
	err := os.Unsetenv(name)
	if value != nil {
		err = os.Setenv(name, *value)
	}
	if err != nil {
		log.Fatal(name, ": ", err)
	}
}

func seconds(milliseconds int64) int64 {
	return (milliseconds + 999) / 1000
}

func process(asked command) string {
	if asked.Process != nil {
		return *asked.Process
	}
	if asked.Sen != nil {
		return "image/bodies,sen_" + asked.Sen.String()
	}
	return "image/bodies"
}

func content(data []byte) object {
	sum := sha256.Sum256(data)
	parsed, err := parse(data)
	answer := object{
		"kind": "content",
		"content": object{
			"base64": base64.StdEncoding.EncodeToString(data),
			"length": len(data),
			"sha256": hex.EncodeToString(sum[:]),
		},
		"parsed":      parsed,
		"parse_error": nil,
	}
	if err != nil {
		answer["parse_error"] = err.Error()
	}
	return answer
}

// parse refuses what json.Unmarshal refuses, which into `any` makes every number a float64 (1e999
// is refused, 2^53+1 rounded). The text of the numbers is what json.Decoder keeps with UseNumber.
func parse(data []byte) (any, error) {
	var usual, exact any
	if err := json.Unmarshal(data, &usual); err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode(&exact); err != nil {
		return nil, err
	}
	return tagged(exact), nil
}

func tagged(value any) any {
	switch given := value.(type) {
	case json.Number:
		if strings.ContainsAny(given.String(), ".eE") {
			return object{"$real": given.String()}
		}
		return object{"$int": given.String()}
	case []any:
		for at := range given {
			given[at] = tagged(given[at])
		}
	case object:
		for name := range given {
			given[name] = tagged(given[name])
		}
	}
	return value
}

func unsupported(reason string) object {
	return object{"kind": "unsupported", "reason": reason}
}

// failure tells which error the SDK returned. Besides ServiceError all that it makes of a response
// are plain texts, and those expose no field.
func failure(err error, came progress) object {
	var service oss.ServiceError
	var status any
	if errors.As(err, &service) {
		status = service.StatusCode
	}
	return object{"kind": "error", "error": object{
		"origin":      origin(err, came),
		"error_class": fmt.Sprintf("%T", err),
		"text":        err.Error(),
		"status":      status,
		"code":        exposed(service.Code),
		"message":     exposed(service.Message),
		"request_id":  exposed(service.RequestID),
		"host_id":     exposed(service.HostID),
		"ec":          exposed(service.Ec),
	}}
}

func origin(err error, came progress) string {
	var service oss.ServiceError
	var deflated flate.CorruptInputError
	switch {
	case errors.As(err, &service):
		return "service"
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &deflated):
		return "parse"
	case came.reading:
		return "transport"
	case came.responded != nil:
		// A redirect that was not followed, or a body that is no error document: only the text
		// tells them apart.
		if strings.Contains(err.Error(), "invalid response body") ||
			strings.Contains(err.Error(), "unknown response body") {
			return "parse"
		}
		return "service"
	case came.tried:
		return "transport"
	}
	return "client"
}

// exposed is null for an empty text: the SDK has no other way of saying that there was none.
func exposed(text string) any {
	if text == "" {
		return nil
	}
	return text
}
