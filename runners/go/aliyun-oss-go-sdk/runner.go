// The runner for aliyun-oss-go-sdk: one SDK call for each command. protocol.go reads and writes them.
//
// runners/README.md is the contract. client.go makes and keeps the SDK's clients.
package main

import (
	"compress/flate"
	"compress/gzip"
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptrace"
	"runtime/debug"
	"strings"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"
)

const module = "github.com/aliyun/aliyun-oss-go-sdk"

// The SDK signs every request (empty keys give an empty signature), so `anonymous` is not here.
var capabilities = []string{
	"proxy", "presigned", "path-style", "cname", "token", "kept", "v1", "process", "timeouts",
	"version", "provider", "threads", "to-file", "partial", "marks",
}

// progress is how far a call came; it tells an error's origin without reading the error's text.
type progress struct {
	tried     bool        // the HTTP client asked for a connection
	responded http.Header // the SDK had a whole response in hand
	reading   bool        // the content of a response is being read
}

func main() { serve(&clients{kept: map[string]*client{}}) }

func (all *clients) about() about {
	version, others := linked()
	return about{"go", sdk{module, version}, capabilities, others, defaults()}
}

// linked is the version of the SDK's module, and those of the others, as the Go command wrote them
// into this program. A checkout has only its constant, which would not do for a release: that of
// v3.0.1 says v2.2.10.
func linked() (version string, others map[string]string) {
	version, others = oss.Version, map[string]string{}
	if built, ok := debug.ReadBuildInfo(); ok {
		for _, one := range built.Deps {
			if one.Path != module && one.Replace != nil {
				others[one.Path] = one.Replace.Version
			} else if one.Path != module {
				others[one.Path] = one.Version
			} else if one.Replace == nil {
				version = one.Version
			}
		}
	}
	return strings.TrimSuffix(strings.TrimPrefix(version, "v"), "+incompatible"), others
}

// defaults are those of a client's configuration.
func defaults() map[string]string {
	plain, err := oss.New("https://oss-cn-hangzhou.aliyuncs.com", "", "")
	if err != nil {
		return nil
	}
	limits := plain.Config.HTTPTimeout
	return map[string]string{
		"connect_timeout": limits.ConnectTimeout.String(),
		"read_timeout":    limits.ReadWriteTimeout.String(),
		"header_timeout":  limits.HeaderTimeout.String(),
		"idle_timeout":    limits.IdleConnTimeout.String(),
		"retries":         fmt.Sprint(plain.Config.RetryTimes),
		"redirects":       fmt.Sprint(plain.Config.RedirectEnabled),
		"signature":       string(plain.Config.AuthVersion),
	}
}

func (all *clients) calls(asked []command) []answer {
	if asked[0].Credentials == nil {
		return each(asked, unsupported("the SDK has no way of not signing"))
	}
	var used *client
	attempts := make([]func() answer, len(asked))
	unready := guarded(func() (reply answer) {
		var err error
		if used, err = all.clientFor(asked[0]); err != nil {
			return failed(describe(err, &progress{}))
		}
		for at := range asked {
			attempts[at] = used.attempt(asked[at])
		}
		return nil
	})
	if unready != nil {
		return each(asked, unready)
	}
	if asked[0].Client == "fresh" {
		defer used.close()
	}
	return together(attempts)
}

// attempt is the call, ready to be made.
func (c *client) attempt(asked command) func() answer {
	bucket, err := c.bucket(asked.Bucket)
	return func() answer {
		var came progress
		var data []byte
		if err == nil {
			data, err = get(bucket, asked, &came)
		}
		if err != nil {
			return failed(describe(err, &came))
		}
		return received(data)
	}
}

// get asks for the object as a program does, or by a URL that was signed beforehand.
func get(bucket *oss.Bucket, asked command, came *progress) ([]byte, error) {
	// These only watch: nothing that is sent or waited for changes.
	traced := httptrace.WithClientTrace(context.Background(), &httptrace.ClientTrace{
		GetConn: func(string) { came.tried = true },
	})
	watched := []oss.Option{
		oss.WithContext(traced), oss.GetResponseHeader(&came.responded), oss.Progress(came),
	}
	wanted := []oss.Option{oss.Process(asked.process())}
	if asked.Version != nil {
		wanted = append(wanted, oss.VersionId(*asked.Version))
	}
	place, open, save := asked.Key, bucket.GetObject, bucket.GetObjectToFile
	if asked.Sign == "url" {
		url, err := bucket.SignURL(asked.Key, oss.HTTPGet, urlValid, wanted...)
		if err != nil {
			return nil, err
		}
		place, open, save, wanted = url, bucket.GetObjectWithURL, bucket.GetObjectToFileWithURL, nil
	}
	options := append(wanted, watched...)
	if asked.Into == "file" {
		return fromFile(func(path string) error { return save(place, path, options...) })
	}
	body, err := open(place, options...)
	if err != nil {
		return nil, err
	}
	came.reading = true
	return asked.Consume.read(body)
}

// ProgressChanged is called by the SDK when it has read some of the content, or has failed to.
func (came *progress) ProgressChanged(*oss.ProgressEvent) { came.reading = true }

// describe tells which error the SDK returned. Besides ServiceError all that it makes of a response
// are plain texts, and those expose no field. What a Go program catches is `error`, the interface by
// which the documentation of the SDK says that all errors are returned: that is, each that gets here.
func describe(err error, came *progress) failure {
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
		Caught:    true,
	}
}

func origin(err error, came *progress) string {
	var service oss.ServiceError
	var deflated flate.CorruptInputError
	var checked oss.CRCCheckError
	switch {
	case errors.As(err, &service):
		return "service"
	case errors.Is(err, gzip.ErrHeader), errors.Is(err, gzip.ErrChecksum), errors.As(err, &deflated),
		errors.As(err, &checked):
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
