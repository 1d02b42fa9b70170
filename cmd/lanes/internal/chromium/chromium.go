// Package chromium drives a headless Chromium in tests, by the DevTools protocol on a pipe.
package chromium

import (
	"bufio"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/require"
)

// Find returns the browser's program. The test is skipped where there is none, and in short
// tests.
func Find(t *testing.T) string {
	t.Helper()
	if testing.Short() {
		t.Skip("a browser takes seconds: not opened in a short test")
	}
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome", "chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("Chromium is not on this machine: the page is not opened in a browser")
	return ""
}

// Browser is a browser that runs until the test ends.
type Browser struct {
	t    *testing.T
	out  io.Writer
	mu   sync.Mutex
	last int
	wait map[int]chan reply
	tabs map[string]*Tab // by session
}

// reply is a message of the browser: the answer to a call, or an event.
type reply struct {
	ID        int
	Method    string
	SessionID string
	Params    json.RawMessage
	Result    json.RawMessage
	Error     *struct{ Message string }
}

// Start starts a browser.
func Start(t *testing.T) *Browser {
	t.Helper()
	c := exec.Command(Find(t), "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking",
		"--disable-component-update", "--disable-sync", "--hide-scrollbars", "--remote-debugging-pipe",
		"--user-data-dir="+filepath.Join(t.TempDir(), "profile"), "about:blank")
	read, out, err := os.Pipe()
	require.NoError(t, err)
	in, write, err := os.Pipe()
	require.NoError(t, err)
	c.ExtraFiles = []*os.File{read, write} // 3 and 4
	require.NoError(t, c.Start())
	read.Close()
	write.Close()
	b := &Browser{t: t, out: out, wait: map[int]chan reply{}, tabs: map[string]*Tab{}}
	t.Cleanup(func() {
		out.Close() // which ends it
		done := make(chan struct{})
		go func() { c.Wait(); close(done) }()
		select {
		case <-done:
		case <-time.After(5 * time.Second):
			c.Process.Kill()
			<-done
		}
		in.Close()
	})
	go b.listen(in)
	return b
}

// listen takes messages until the browser ends.
func (b *Browser) listen(in io.Reader) {
	for r := bufio.NewReader(in); ; {
		text, err := r.ReadBytes(0)
		if err != nil {
			return
		}
		var m reply
		if json.Unmarshal(text[:len(text)-1], &m) != nil {
			continue
		}
		b.mu.Lock()
		if answer := b.wait[m.ID]; answer != nil {
			delete(b.wait, m.ID)
			answer <- m
		} else if tab := b.tabs[m.SessionID]; tab != nil {
			tab.note(m)
		}
		b.mu.Unlock()
	}
}

// call calls a method, and decodes what it returns into result unless that is nil.
func (b *Browser) call(session, method string, params map[string]any, result any) {
	b.t.Helper()
	answer := make(chan reply, 1)
	b.mu.Lock()
	b.last++
	id := b.last
	b.wait[id] = answer
	b.mu.Unlock()
	message := map[string]any{"id": id, "method": method, "params": params}
	if session != "" {
		message["sessionId"] = session
	}
	text, err := json.Marshal(message)
	require.NoError(b.t, err)
	_, err = b.out.Write(append(text, 0))
	require.NoError(b.t, err)
	select {
	case m := <-answer:
		require.Nil(b.t, m.Error, method)
		if result != nil {
			require.NoError(b.t, json.Unmarshal(m.Result, result))
		}
	case <-time.After(time.Minute):
		b.t.Fatalf("the browser did not answer %s", method)
	}
}

// Tab is a page in a browser.
type Tab struct {
	browser *Browser
	session string
	faults  []string
}

// note keeps what the page threw, or wrote to its console as an error or a warning.
func (t *Tab) note(m reply) {
	switch m.Method {
	case "Runtime.exceptionThrown", "Runtime.consoleAPICalled":
		t.faults = append(t.faults, string(m.Params))
	case "Log.entryAdded":
		var e struct {
			Entry struct{ Level, Text, URL string }
		}
		json.Unmarshal(m.Params, &e) // what is no entry has no level
		if l := e.Entry.Level; l == "error" || l == "warning" {
			t.faults = append(t.faults, fmt.Sprintf("%s: %s %s", l, e.Entry.Text, e.Entry.URL))
		}
	}
}

// Open opens an address in a window of that size, in the colours of a dark system or of a
// light one.
func (b *Browser) Open(address string, width, height int, dark bool) *Tab {
	b.t.Helper()
	var made struct{ TargetID, SessionID string }
	b.call("", "Target.createTarget", map[string]any{"url": "about:blank"}, &made)
	b.call("", "Target.attachToTarget", map[string]any{"targetId": made.TargetID, "flatten": true}, &made)
	tab := &Tab{browser: b, session: made.SessionID}
	b.mu.Lock()
	b.tabs[tab.session] = tab
	b.mu.Unlock()
	for _, domain := range []string{"Page", "Runtime", "Log", "DOM"} {
		tab.Call(domain+".enable", nil, nil)
	}
	tab.Call("Emulation.setDeviceMetricsOverride", map[string]any{"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 600}, nil)
	scheme := "light"
	if dark {
		scheme = "dark"
	}
	tab.Call("Emulation.setEmulatedMedia", map[string]any{"features": []map[string]any{{"name": "prefers-color-scheme", "value": scheme}}}, nil)
	tab.Call("Page.navigate", map[string]any{"url": address}, nil)
	return tab
}

// Call calls a method of the protocol on the page.
func (t *Tab) Call(method string, params map[string]any, result any) {
	t.browser.t.Helper()
	t.browser.call(t.session, method, params, result)
}

// Eval returns the value of an expression in the page, after it has settled if it is a
// promise.
func (t *Tab) Eval(expression string) any {
	t.browser.t.Helper()
	var found struct{ Result struct{ Value any } }
	t.Call("Runtime.evaluate", map[string]any{"expression": expression, "returnByValue": true, "awaitPromise": true}, &found)
	return found.Result.Value
}

// Wait waits until an expression in the page is true.
func (t *Tab) Wait(expression string) {
	t.browser.t.Helper()
	for range 600 {
		if t.Eval(expression) == true {
			return
		}
		time.Sleep(50 * time.Millisecond)
	}
	t.browser.t.Fatalf("the page never had %s: %v", expression, t.Eval("document.body.innerText"))
}

// Choose chooses a file in the input that a selector names.
func (t *Tab) Choose(selector, file string) {
	t.browser.t.Helper()
	var found struct{ Result struct{ ObjectID string } }
	t.Call("Runtime.evaluate", map[string]any{"expression": fmt.Sprintf("document.querySelector(%q)", selector)}, &found)
	t.Call("DOM.setFileInputFiles", map[string]any{"objectId": found.Result.ObjectID, "files": []string{file}}, nil)
}

// Press presses a key, by its name in the protocol.
func (t *Tab) Press(key string) {
	t.browser.t.Helper()
	code := map[string]int{"Tab": 9, "Enter": 13}[key]
	for _, kind := range []string{"keyDown", "keyUp"} {
		press := map[string]any{"type": kind, "key": key, "code": key, "windowsVirtualKeyCode": code}
		if key == "Enter" && kind == "keyDown" {
			press["text"] = "\r"
		}
		t.Call("Input.dispatchKeyEvent", press, nil)
	}
}

// Screenshot returns the whole page as a PNG.
func (t *Tab) Screenshot() []byte {
	t.browser.t.Helper()
	var found struct{ Data string }
	t.Call("Page.captureScreenshot", map[string]any{"captureBeyondViewport": true}, &found)
	png, err := base64.StdEncoding.DecodeString(found.Data)
	require.NoError(t.browser.t, err)
	return png
}

// Faults returns what the page threw or complained of.
func (t *Tab) Faults() []string {
	t.browser.mu.Lock()
	defer t.browser.mu.Unlock()
	return append([]string(nil), t.faults...)
}
