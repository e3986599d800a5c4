// How calls are made and content is read: at once, guarded against panics, in part, into a file.
package main

import (
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime/debug"
	"sync"
	"time"
)

// together has each attempt made by a goroutine of its own. All of them wait at the start until the
// last one is there; nothing here comes between them afterwards, so that a race of the SDK can show.
func together(attempts []func() answer) []answer {
	replies := make([]answer, len(attempts))
	begin := make(chan struct{})
	var ready, done sync.WaitGroup
	ready.Add(len(attempts))
	done.Add(len(attempts))
	for at := range attempts {
		go func(at int) {
			defer done.Done()
			ready.Done()
			<-begin
			replies[at] = guarded(attempts[at])
		}(at)
	}
	ready.Wait()
	close(begin)
	done.Wait()
	return replies
}

// guarded is the answer of the attempt, or the one for the panic that ended it. A panic in a
// goroutine that the SDK has started ends this program, as it ends a user's.
func guarded(attempt func() answer) (reply answer) {
	defer func() {
		if cause := recover(); cause != nil {
			debug.PrintStack() // on standard error
			reply = failed(failure{
				Origin: "crash", Class: fmt.Sprintf("%T", cause), Text: fmt.Sprint(cause),
			})
		}
	}()
	return attempt()
}

// read is the content, read as it was asked for and closed.
func (how *consume) read(body io.ReadCloser) ([]byte, error) {
	defer body.Close()
	if how == nil {
		return io.ReadAll(body)
	}
	time.Sleep(time.Duration(how.Pause) * time.Millisecond)
	if how.Limit == nil {
		return io.ReadAll(body)
	}
	return io.ReadAll(io.LimitReader(body, *how.Limit))
}

// fromFile is what the SDK has saved at the path that it was given, in a folder that goes afterwards
// with all that the SDK has left there.
func fromFile(save func(path string) error) ([]byte, error) {
	folder, err := os.MkdirTemp("", "object-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	path := filepath.Join(folder, "object")
	if err := save(path); err != nil {
		return nil, err
	}
	return os.ReadFile(path)
}
