// What every Go runner does alike: commands in, answers out, numbers with their kinds.
//
// runners/README.md is the contract. All JSON of the protocol is written and read in this file.
package main

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"log"
	"os"
	"runtime"
	"strings"
)

const urlValid = 3600 // seconds

// settings are what makes a client, and so what a kept one must have in common with the last call.
// What is nil is not set.
type settings struct {
	Endpoint    string       `json:"endpoint"`
	Region      *string      `json:"region"`
	Signature   *string      `json:"signature"`
	Provider    string       `json:"provider"`
	Credentials *credentials `json:"credentials"`
	Addressing  *string      `json:"addressing"`
	Proxy       *string      `json:"proxy"`
	Timeouts    timeouts     `json:"timeouts"`
}

// name is by which a kept client is found: a program's own provider asks for the credentials anew.
func (given settings) name() string {
	if given.Provider == "program" {
		given.Credentials = nil
	}
	name, err := json.Marshal(given)
	if err != nil {
		log.Fatal("settings without a name: ", err)
	}
	return string(name)
}

type credentials struct {
	ID     *string `json:"access_key_id"`
	Secret *string `json:"access_key_secret"`
	Token  *string `json:"security_token"`
}

type timeouts struct {
	Connect *int64 `json:"connect"` // milliseconds
	Read    *int64 `json:"read"`
}

type command struct {
	Type       string     `json:"type"`
	Seq        int64      `json:"seq"`
	Action     string     `json:"action"`
	Parameters parameters `json:"parameters"`
	Process    *string    `json:"process"`
	Sign       string     `json:"sign"`
	Client     string     `json:"client"`
	Bucket     string     `json:"bucket"`
	Key        string     `json:"key"`
	Version    *string    `json:"version_id"`
	Into       string     `json:"into"`
	Consume    *consume   `json:"consume"`
	Calls      []command  `json:"calls"`
	settings
}

// consume is how the content is read if not at once and to its end.
type consume struct {
	Limit *int64 `json:"limit"` // bytes
	Pause int64  `json:"pause"` // milliseconds
}

// parameters are `,name_value` for each parameter: a map of Go would lose their order.
type parameters string

func (written *parameters) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var text strings.Builder
	var token json.Token
	var err error
	for _, err = decoder.Token(); err == nil && decoder.More(); {
		if token, err = decoder.Token(); err != nil {
			break
		}
		text.WriteString("," + token.(string) + "_")
		if token, err = decoder.Token(); err != nil {
			break
		}
		if number, ok := token.(json.Number); ok {
			text.WriteString(number.String())
		} else {
			text.WriteString(token.(string))
		}
	}
	*written = parameters(text.String())
	return err
}

// process is the processing string: the given one, or the one that a user writes.
func (asked command) process() string {
	if asked.Process != nil {
		return *asked.Process
	}
	return asked.Action + string(asked.Parameters)
}

// runner is what each runner is besides this file.
type runner interface {
	about() about
	// calls makes the calls, which have their settings in common, on one client.
	calls([]command) []answer
	// newCase closes what was kept.
	newCase()
}

// about is what a runner says of itself and of the SDK that it has loaded.
type about struct {
	Runner       string            `json:"runner"`
	SDK          sdk               `json:"sdk"`
	Capabilities []string          `json:"capabilities"`
	Dependencies map[string]string `json:"dependencies,omitempty"`
	Defaults     map[string]string `json:"defaults,omitempty"`
}

type started struct {
	Type     string `json:"type"`
	Protocol int    `json:"protocol"`
	Language string `json:"language"`
	Runtime  string `json:"runtime"`
	OS       string `json:"os"`
	about
}

type sdk struct {
	Name    string `json:"name"`
	Version string `json:"version"`
}

// answers are those to `calls`, in their order.
type answers struct {
	Type    string   `json:"type"`
	Seq     int64    `json:"seq"`
	Answers []answer `json:"answers"`
}

// answer is a contentAnswer, an errorAnswer or an unsupportedAnswer.
type answer interface{ to(seq int64) answer }

type head struct {
	Type string `json:"type"`
	Seq  int64  `json:"seq"`
	Kind string `json:"kind"`
}

type contentAnswer struct {
	head
	Content    content `json:"content"`
	Parsed     any     `json:"parsed"`
	ParseError *string `json:"parse_error"`
}

type content struct {
	Base64 string `json:"base64"`
	Length int    `json:"length"`
	SHA256 string `json:"sha256"`
}

type errorAnswer struct {
	head
	Error failure `json:"error"`
}

type failure struct {
	Origin    string  `json:"origin"`
	Class     string  `json:"error_class"`
	Text      string  `json:"text"`
	Status    *int    `json:"status"`
	Code      *string `json:"code"`
	Message   *string `json:"message"`
	RequestID *string `json:"request_id"`
	HostID    *string `json:"host_id"`
	EC        *string `json:"ec"`
	Caught    bool    `json:"caught"`
}

type unsupportedAnswer struct {
	head
	Reason string `json:"reason"`
}

func (reply contentAnswer) to(seq int64) answer {
	reply.head = head{"answer", seq, "content"}
	return reply
}

func (reply errorAnswer) to(seq int64) answer {
	reply.head = head{"answer", seq, "error"}
	return reply
}

func (reply unsupportedAnswer) to(seq int64) answer {
	reply.head = head{"answer", seq, "unsupported"}
	return reply
}

func failed(reply failure) answer      { return errorAnswer{Error: reply} }
func unsupported(reason string) answer { return unsupportedAnswer{Reason: reason} }

// serve answers each line until `stop` or the end of input.
func serve(served runner) {
	protocol := json.NewEncoder(os.Stdout)
	protocol.SetEscapeHTML(false)
	// Standard output belongs to the protocol; the SDK's logger, for one, is made for os.Stdout.
	os.Stdout = os.Stderr

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
		var reply any
		switch asked.Type {
		case "stop":
			return
		case "case":
			served.newCase()
			continue
		case "start":
			system := runtime.GOOS + "/" + runtime.GOARCH
			reply = started{"started", 2, "Go", runtime.Version(), system, served.about()}
		case "calls":
			reply = answers{"answers", asked.Seq, answered(asked.Calls, asked.Seq, served)}
		default:
			reply = answered([]command{asked}, asked.Seq, served)[0]
		}
		os.Stderr.WriteString("\x1e") // the capability `marks`
		if err := protocol.Encode(reply); err != nil {
			log.Fatal("nobody reads the answers: ", err)
		}
	}
}

func answered(asked []command, seq int64, served runner) []answer {
	var replies []answer
	if sign := asked[0].Sign; sign == "header" || sign == "url" {
		replies = served.calls(asked)
	} else {
		replies = each(asked, unsupported("no way to sign named "+sign))
	}
	for at := range replies {
		replies[at] = replies[at].to(seq)
	}
	return replies
}

// each gives the same answer to all calls.
func each(asked []command, reply answer) []answer {
	replies := make([]answer, len(asked))
	for at := range replies {
		replies[at] = reply
	}
	return replies
}

// received is the answer for content.
func received(data []byte) answer {
	sum := sha256.Sum256(data)
	reply := contentAnswer{Content: content{
		Base64: base64.StdEncoding.EncodeToString(data),
		Length: len(data),
		SHA256: hex.EncodeToString(sum[:]),
	}}
	parsed, err := parse(data)
	if err != nil {
		text := err.Error()
		reply.ParseError = &text
	} else {
		reply.Parsed = parsed
	}
	return reply
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

type integer struct {
	Text string `json:"$int"`
}

type real struct {
	Text string `json:"$real"`
}

func tagged(value any) any {
	switch given := value.(type) {
	case json.Number:
		if strings.ContainsAny(given.String(), ".eE") {
			return real{given.String()}
		}
		return integer{given.String()}
	case []any:
		for at := range given {
			given[at] = tagged(given[at])
		}
	case map[string]any:
		for name := range given {
			given[name] = tagged(given[name])
		}
	}
	return value
}
