// The SDK's clients: made from the settings of a call, kept as a user keeps them, and closed.
package main

import (
	"log"
	"net/http"
	"os"
	"reflect"
	"unsafe"

	"github.com/aliyun/aliyun-oss-go-sdk/oss"
)

// clients are those that are kept, by the names of their settings. They are a credentials provider
// of the program's own, too.
type clients struct {
	kept    map[string]*client
	current credentials // of the calls under way
}

// client is what a program keeps: the SDK's client, and its object for each bucket.
type client struct {
	sdk     *oss.Client
	buckets map[string]*oss.Bucket
}

// clientFor is a client of the calls' own, or the one of the last call with the same settings.
func (all *clients) clientFor(asked command) (*client, error) {
	all.current = *asked.Credentials
	setEnvironment("OSS_ACCESS_KEY_ID", all.current.ID)
	setEnvironment("OSS_ACCESS_KEY_SECRET", all.current.Secret)
	setEnvironment("OSS_SESSION_TOKEN", all.current.Token)
	if asked.Client == "fresh" {
		return all.newClient(asked.settings)
	}
	name := asked.settings.name()
	if found, ok := all.kept[name]; ok {
		return found, nil
	}
	made, err := all.newClient(asked.settings)
	if err == nil {
		all.kept[name] = made
	}
	return made, err
}

func (all *clients) newCase() {
	for name, kept := range all.kept {
		kept.close()
		delete(all.kept, name)
	}
}

// GetCredentials makes these a provider for the SDK, which asks before each request.
func (all *clients) GetCredentials() oss.Credentials { return snapshot{all.current} }

// snapshot stays as it is when the next calls bring other credentials.
type snapshot struct{ given credentials }

func (s snapshot) GetAccessKeyID() string     { return textOf(s.given.ID) }
func (s snapshot) GetAccessKeySecret() string { return textOf(s.given.Secret) }
func (s snapshot) GetSecurityToken() string   { return textOf(s.given.Token) }

func textOf(value *string) string {
	if value == nil {
		return ""
	}
	return *value
}

func (all *clients) provider(given settings) (oss.CredentialsProvider, error) {
	if given.Provider == "program" {
		return all, nil
	}
	provider, err := oss.NewEnvironmentVariableCredentialsProvider()
	return &provider, err
}

func (all *clients) newClient(given settings) (*client, error) {
	provider, err := all.provider(given)
	if err != nil {
		return nil, err
	}
	options := []oss.ClientOption{oss.SetCredentialsProvider(provider)}
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
	made, err := oss.New(given.Endpoint, "", "", options...)
	return &client{made, map[string]*oss.Bucket{}}, err
}

func (c *client) bucket(name string) (*oss.Bucket, error) {
	if known, ok := c.buckets[name]; ok {
		return known, nil
	}
	made, err := c.sdk.Bucket(name)
	if err == nil {
		c.buckets[name] = made
	}
	return made, err
}

// close ends the connections that a client leaves open. The SDK has no name for it and would leave
// them to its idle timeout, which thousands of calls cannot wait for; so this reaches for the HTTP
// client inside. Where a version has none, the connections do wait.
func (c *client) close() {
	if inside := reflect.ValueOf(c.sdk.Conn).Elem().FieldByName("client"); inside.IsValid() {
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
