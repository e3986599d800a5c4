// The runner for aliyun-oss-go-sdk: one SDK call for each command. protocol.go reads and writes them.
//
// runners/README.md is the contract. A panic of the SDK is not caught: it ends a user's program, so
// it ends this one, and the stack is on standard error.
package main

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptrace"
	"os"
	"reflect"
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

// progress is how far a call came; it tells an error's origin without reading the error's text.
type progress struct {
	tried     bool        // the HTTP client asked for a connection
	responded http.Header // the SDK had a whole response in hand
	reading   bool        // the SDK returned content, which is being read
}

// clients are those that are kept, by their settings.
type clients map[string]*oss.Client

func main() {
	kept := clients{}
	serve("go", sdk{module, sdkVersion()}, capabilities, kept.call, kept.close)
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

func (kept clients) call(asked command) answer {
	if asked.Credentials == nil {
		return unsupported("the SDK has no way of not signing")
	}
	var came progress
	data, err := kept.read(asked, &came)
	if err != nil {
		return failed(describe(err, came))
	}
	return received(data)
}

// read is the content of the object, read to its end.
func (kept clients) read(asked command, came *progress) ([]byte, error) {
	client, err := kept.clientFor(asked)
	if err != nil {
		return nil, err
	}
	if asked.Client == "fresh" {
		defer closeConnections(client)
	}
	bucket, err := client.Bucket(asked.Bucket)
	if err != nil {
		return nil, err
	}
	body, err := get(bucket, asked, came)
	if err != nil {
		return nil, err
	}
	defer body.Close()
	came.reading = true
	return io.ReadAll(body)
}

func (kept clients) close() {
	for name, client := range kept {
		closeConnections(client)
		delete(kept, name)
	}
}

// get asks for the object as a program does, or by a URL that was signed beforehand.
func get(bucket *oss.Bucket, asked command, came *progress) (io.ReadCloser, error) {
	// Both options only watch: nothing that is sent or waited for changes.
	watched := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		GetConn: func(string) { came.tried = true },
	})
	within, header := oss.WithContext(watched), oss.GetResponseHeader(&came.responded)
	wanted := []oss.Option{oss.Process(asked.process())}
	if asked.Version != nil {
		wanted = append(wanted, oss.VersionId(*asked.Version))
	}
	if asked.Sign == "header" {
		return bucket.GetObject(asked.Key, append(wanted, within, header)...)
	}
	url, err := bucket.SignURL(asked.Key, oss.HTTPGet, urlValid, wanted...)
	if err != nil {
		return nil, err
	}
	return bucket.GetObjectWithURL(url, within, header)
}

// clientFor is a client of the call's own, or the one of the last call with the same settings.
func (kept clients) clientFor(asked command) (*oss.Client, error) {
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
	options := []oss.ClientOption{oss.SetCredentialsProvider(&provider)}
	if limits := given.Timeouts; limits.Connect != nil || limits.Read != nil {
		options = append(options, timeoutOf(limits))
	}
	if given.Signature != nil {
		version := map[string]oss.AuthVersionType{"v4": oss.AuthV4, "v1": oss.AuthV1}
		options = append(options, oss.AuthVersion(version[*given.Signature]))
	}
	if given.Region != nil {
		options = append(options, oss.Region(*given.Region))
	}
	if given.Addressing != nil && *given.Addressing == "path" {
		options = append(options, oss.ForcePathStyle(true))
	}
	if given.Addressing != nil && *given.Addressing == "cname" {
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

// timeoutOf sets the timeouts that are given. The SDK has one option for both, so the default of the
// other, 30 and 60 seconds in its configuration, is written out beside it.
func timeoutOf(given timeouts) oss.ClientOption {
	connect, read := int64(30), int64(60)
	if given.Connect != nil {
		connect = seconds(*given.Connect)
	}
	if given.Read != nil {
		read = seconds(*given.Read)
	}
	return oss.Timeout(connect, read)
}

// seconds rounds up: the SDK counts in whole ones.
func seconds(milliseconds int64) int64 {
	return (milliseconds + 999) / 1000
}

// describe tells which error the SDK returned. Besides ServiceError all that it makes of a response
// are plain texts, and those expose no field.
func describe(err error, came progress) failure {
	var service oss.ServiceError
	var status *int
	if errors.As(err, &service) {
		status = &service.StatusCode
	}
	return failure{
		Origin:    origin(err, came),
		Class:     fmt.Sprintf("%T", err),
		Text:      err.Error(),
		Status:    status,
		Code:      exposed(service.Code),
		Message:   exposed(service.Message),
		RequestID: exposed(service.RequestID),
		HostID:    exposed(service.HostID),
		EC:        exposed(service.Ec),
	}
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

// exposed is nil for an empty text: the SDK has no other way of saying that there was none.
func exposed(text string) *string {
	if text == "" {
		return nil
	}
	return &text
}
