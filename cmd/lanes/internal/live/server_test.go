package live

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"hash/crc32"
	"image"
	"image/color"
	"image/png"
	"io"
	"net/http"
	"regexp"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/train"
)

func TestOnlyLoopbackAddressesAreServed(t *testing.T) {
	for text, want := range map[string]string{
		"0": "127.0.0.1:0", "8080": "127.0.0.1:8080", "127.0.0.1:80": "127.0.0.1:80", "localhost:1": "127.0.0.1:1", ":9": "", "127.1.2.3:4": "127.1.2.3:4", "[::1]:5": "[::1]:5",
		"0.0.0.0:80": "", "[::]:80": "", "192.168.1.2:80": "", "example.org:80": "", "localhost": "", "127.0.0.1": "", "-1": "", "65536": "", "": "", "true": "",
	} {
		got, err := Address(text)
		require.Equal(t, want, got, text)
		require.Equal(t, want == "", err != nil, text)
		if err != nil {
			require.Contains(t, err.Error(), fmt.Sprintf("%q, want a ", text))
		}
	}
}

// shortRun is a run on a few synthetic images.
func shortRun(t *testing.T) (*kernels.Engine[float32], *train.Run[float32]) {
	t.Helper()
	set, err := synthetic()
	require.NoError(t, err)
	engine, err := kernels.New[float32](kernels.WithThreads(1))
	require.NoError(t, err)
	config, err := train.Preset("report")
	require.NoError(t, err)
	config.Dataset, config.Hidden, config.Batch, config.Iters = "synthetic", []int{3}, 10, 40
	run, err := train.New(engine, config, set)
	require.NoError(t, err)
	return engine, run
}

var synthetic = sync.OnceValues(func() (*data.Dataset, error) { return data.OpenNamed("synthetic", "") })

// pageOf returns the page of a short run, which is trained to its end before use looks at
// it if done is set.
func pageOf(t *testing.T, done bool) *Page[float32] {
	t.Helper()
	engine, run := shortRun(t)
	p, err := New(engine, run, "mine", "127.0.0.1:0")
	require.NoError(t, err)
	t.Cleanup(func() { p.Close() })
	run.OnStep, run.OnEpoch = p.Step, p.Epoch
	if done {
		result, err := run.Do(context.Background())
		require.NoError(t, err)
		p.End(result, nil)
	}
	return p
}

// answer sends a request and returns the status and the body.
func answer(t *testing.T, method, url string, body io.Reader, change func(*http.Request)) (int, http.Header, string) {
	t.Helper()
	r, err := http.NewRequest(method, url, body)
	require.NoError(t, err)
	if change != nil {
		change(r)
	}
	w, err := http.DefaultTransport.RoundTrip(r)
	require.NoError(t, err)
	defer w.Body.Close()
	text, err := io.ReadAll(w.Body)
	require.NoError(t, err)
	return w.StatusCode, w.Header, string(text)
}

func TestPageMayDoNothingButWhatItNeeds(t *testing.T) {
	p := pageOf(t, false)
	code, header, html := answer(t, "GET", p.URL(), nil, nil)
	require.Equal(t, http.StatusOK, code)
	policy := header.Get("Content-Security-Policy")
	require.Contains(t, policy, "default-src 'none'; ")
	require.NotContains(t, policy, "unsafe")
	for tag, name := range map[string]string{"script": "script-src", "style": "style-src"} {
		parts := regexp.MustCompile(`(?s)<`+tag+`>(.*?)</`+tag+`>`).FindAllStringSubmatch(html, -1)
		require.Len(t, parts, 1)
		sum := sha256.Sum256([]byte(parts[0][1]))
		require.Contains(t, policy, name+" 'sha256-"+base64.StdEncoding.EncodeToString(sum[:])+"';")
	}
	require.Empty(t, regexp.MustCompile(`(?i) (src|style|on\w+)=|https?:`).FindAllString(strings.ReplaceAll(html, "http://www.w3.org/2000/svg", ""), -1))
	require.Equal(t, "nosniff", header.Get("X-Content-Type-Options"))
	require.Equal(t, "no-store", header.Get("Cache-Control"))
}

func TestRequestsOfOtherSitesAreRefused(t *testing.T) {
	p := pageOf(t, true)
	_, port, _ := strings.Cut(p.listen.Addr().String(), ":")
	for host, want := range map[string]int{
		p.listen.Addr().String(): http.StatusOK, "localhost:" + port: http.StatusOK,
		"rebound.example": http.StatusMisdirectedRequest, "rebound.example:" + port: http.StatusMisdirectedRequest, "127.0.0.1": http.StatusMisdirectedRequest, "127.0.0.1:1": http.StatusMisdirectedRequest,
	} {
		code, _, _ := answer(t, "GET", p.URL(), nil, func(r *http.Request) { r.Host = host })
		require.Equal(t, want, code, host)
	}
	for name, value := range map[string]string{"Sec-Fetch-Site": "cross-site", "Origin": "http://other.example"} {
		code, _, _ := answer(t, "POST", p.URL()+"predict", bytes.NewReader(pictureOf(t, 32, 32)), func(r *http.Request) { r.Header.Set(name, value) })
		require.Equal(t, http.StatusForbidden, code, name)
	}
	for path, want := range map[string]int{"GET /other": 404, "GET /predict": 405, "POST /": 405, "POST /events": 405} {
		method, path, _ := strings.Cut(path, " /")
		code, _, _ := answer(t, method, p.URL()+path, nil, nil)
		require.Equal(t, want, code, path)
	}
}

func pictureOf(t *testing.T, w, h int) []byte {
	t.Helper()
	m := image.NewRGBA(image.Rect(0, 0, w, h))
	for i := range m.Pix {
		m.Pix[i] = uint8(i*i>>3) | 3
		if i%4 == 3 {
			m.Pix[i] = 255
		}
	}
	m.Set(0, 0, color.White)
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	return b.Bytes()
}

// claiming returns a PNG that claims to be of that size.
func claiming(t *testing.T, w, h uint32) []byte {
	b := pictureOf(t, 1, 1)
	binary.BigEndian.PutUint32(b[16:], w)
	binary.BigEndian.PutUint32(b[20:], h)
	binary.BigEndian.PutUint32(b[29:], crc32.ChecksumIEEE(b[12:29]))
	return b
}

func TestUploadsAreBounded(t *testing.T) {
	p := pageOf(t, true)
	for _, c := range []struct {
		name string
		file []byte
		code int
		says string
	}{
		{"no picture", []byte("hello"), http.StatusUnprocessableEntity, "no picture that is known, want PNG"},
		{"nothing", nil, http.StatusUnprocessableEntity, "no picture that is known"},
		{"cut", pictureOf(t, 32, 32)[:200], http.StatusUnprocessableEntity, "png: "},
		{"large file", make([]byte, maxUpload+1), http.StatusRequestEntityTooLarge, "a picture of more than 16 MB"},
		{"large picture", claiming(t, 1<<15, 1<<15), http.StatusRequestEntityTooLarge, "32768×32768 pixels, want at most 33554432 in all"},
		{"wide picture", claiming(t, 1<<31-1, 1), http.StatusRequestEntityTooLarge, "2147483647×1 pixels"},
		{"empty picture", claiming(t, 4000, 4000), http.StatusUnprocessableEntity, "4000×4000 pixels in"},
	} {
		code, _, text := answer(t, "POST", p.URL()+"predict", bytes.NewReader(c.file), nil)
		require.Equal(t, c.code, code, c.name+": "+text)
		var said struct{ Error string }
		require.NoError(t, json.Unmarshal([]byte(text), &said), c.name)
		require.Contains(t, said.Error, c.says, c.name)
	}
}

func TestPictureGetsTheNetworksProbabilities(t *testing.T) {
	p := pageOf(t, true)
	set, err := synthetic()
	require.NoError(t, err)
	m := image.NewNRGBA(image.Rect(0, 0, 32, 32))
	for i := range 1024 {
		m.SetNRGBA(i%32, i/32, color.NRGBA{set.Test.Pixels[i], set.Test.Pixels[1024+i], set.Test.Pixels[2048+i], 255})
	}
	var b bytes.Buffer
	require.NoError(t, png.Encode(&b, m))
	code, _, text := answer(t, "POST", p.URL()+"predict", &b, nil)
	require.Equal(t, http.StatusOK, code, text)
	var got prediction
	require.NoError(t, json.Unmarshal([]byte(text), &got))
	want, err := p.run.Predictor(p.engine).Predict(data.Split{Pixels: set.Test.Pixels[:3072]})
	require.NoError(t, err)
	require.Equal(t, prediction{Step: 40, Top: topOf(p.run.Classes, want.Row(0))}, got)
	require.Len(t, got.Top, mostClasses)
}

// event reads the next event of a kind.
func event(t *testing.T, lines *bufio.Scanner, kind string) string {
	t.Helper()
	for lines.Scan() {
		if lines.Text() == "event: "+kind {
			require.True(t, lines.Scan())
			return strings.TrimPrefix(lines.Text(), "data: ")
		}
	}
	require.Fail(t, "no event "+kind)
	return ""
}

func TestReaderIsToldOfTheRunAndOfItsEnd(t *testing.T) {
	p := pageOf(t, true)
	w, err := http.Get(p.URL() + "events")
	require.NoError(t, err)
	defer w.Body.Close()
	require.Empty(t, w.TransferEncoding, "an end must not look like an error")
	lines := bufio.NewScanner(w.Body)
	lines.Buffer(nil, 1<<22)
	var told struct {
		Name, Measure string
		Pictures      bool
		Settings      [][3]string
	}
	require.NoError(t, json.Unmarshal([]byte(event(t, lines, "about")), &told))
	require.Equal(t, "mine", told.Name)
	require.True(t, told.Pictures)
	require.Equal(t, "dataset", told.Settings[0][0])
	var s state
	require.NoError(t, json.Unmarshal([]byte(event(t, lines, "state")), &s))
	require.Equal(t, []any{"The run is done.", 40, 40, 40}, []any{s.Ended, s.Step, s.Steps, len(s.Points)})
	require.Contains(t, s.Facts, [2]string{"step", "40 of 40"})
	var weights struct {
		Step, Shown, Units int
		PNG                []byte
	}
	require.NoError(t, json.Unmarshal([]byte(event(t, lines, "weights")), &weights))
	require.Equal(t, []int{40, 3, 3}, []int{weights.Step, weights.Shown, weights.Units})
	m, err := png.Decode(bytes.NewReader(weights.PNG))
	require.NoError(t, err)
	require.Equal(t, image.Pt(3*33, 33), m.Bounds().Size())
	require.NoError(t, p.Close())
	event(t, lines, "state")
	require.False(t, lines.Scan() && lines.Scan() && lines.Scan())
	p.closing = make(chan struct{}) // it is closed again when the test ends
}

func TestRunsErrorIsItsEnd(t *testing.T) {
	p := pageOf(t, false)
	p.End(nil, errors.New("training diverged"))
	require.Equal(t, "The run has ended: training diverged.", p.state().Ended)
}

// While it trains, the network is looked at between two steps.
func TestNetworkIsCopiedBetweenSteps(t *testing.T) {
	p := pageOf(t, false)
	answers := make(chan string)
	go func() {
		w, err := http.Post(p.URL()+"predict", "image/png", bytes.NewReader(pictureOf(t, 40, 40)))
		if err != nil {
			answers <- err.Error()
			return
		}
		defer w.Body.Close()
		text, _ := io.ReadAll(w.Body)
		answers <- string(text)
	}()
	for step := 1; ; step++ {
		p.run.Step = step
		p.Step(train.StepRecord{Step: step})
		select {
		case text := <-answers:
			require.Regexp(t, `^\{"step":\d+,"top":\[`, text)
			return
		default:
		}
	}
}
