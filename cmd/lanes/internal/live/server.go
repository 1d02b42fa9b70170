package live

import (
	"bytes"
	"cmp"
	"context"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"image"
	"image/png"
	"io"
	"log"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/lanes-ml/lanes/cmd/lanes/internal/page"
	"github.com/lanes-ml/lanes/cmd/lanes/internal/picture"
	"github.com/lanes-ml/lanes/kernels"
	"github.com/lanes-ml/lanes/net/data"
	"github.com/lanes-ml/lanes/net/data/photo"
)

// Address returns the address to listen on that text names: a port of 127.0.0.1, or a
// loopback address with a port. Port 0 is one that is free. Any other address is an error,
// because who can reach the page can read the run and use the machine.
func Address(text string) (string, error) {
	host, port, err := net.SplitHostPort(text)
	if err != nil {
		host, port = "127.0.0.1", text
	}
	if host == "localhost" {
		host = "127.0.0.1"
	}
	if n, err := strconv.Atoi(port); err != nil || n < 0 || n > 65535 {
		return "", fmt.Errorf("%q, want a port of 0 to 65535, or 127.0.0.1 with one", text)
	}
	if ip := net.ParseIP(host); ip == nil || !ip.IsLoopback() {
		return "", fmt.Errorf("%q, want a loopback address such as 127.0.0.1:%s: the page is for this machine alone", text, port)
	}
	return net.JoinHostPort(host, port), nil
}

var (
	//go:embed live.html
	layout string
	//go:embed live.css
	style string
	//go:embed live.js
	script string
)

// document is the page, and policy what it may do: run its own script, with its own style,
// and talk to where it came from.
var document, policy = func() (document, policy string) {
	styles := "\n" + page.Style + style
	document = strings.NewReplacer("STYLE", styles, "SCRIPT", "\n"+script).Replace(layout)
	hash := func(text string) string {
		sum := sha256.Sum256([]byte(text))
		return "'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"
	}
	return document, "default-src 'none'; script-src " + hash("\n"+script) + "; style-src " + hash(styles) +
		"; img-src data: blob:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'"
}()

// serve begins to answer.
func (p *Page[T]) serve() {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		io.WriteString(w, document)
	})
	mux.HandleFunc("GET /events", p.events)
	mux.HandleFunc("POST /predict", p.upload)
	p.server = &http.Server{
		Handler:           guarded(p.listen.Addr(), http.NewCrossOriginProtection().Handler(mux)),
		ReadHeaderTimeout: 5 * time.Second, ReadTimeout: 30 * time.Second, IdleTimeout: time.Minute,
		MaxHeaderBytes: 1 << 14,
		ErrorLog:       log.New(io.Discard, "", 0),
	}
	go p.server.Serve(p.listen)
}

// guarded refuses requests under another name than the page's. A page of another site whose
// name was made to lead to this machine would make such ones. It forbids browsers what the
// page does not need.
func guarded(own net.Addr, next http.Handler) http.Handler {
	_, port, _ := net.SplitHostPort(own.String()) // it is an address
	names := []string{own.String(), "localhost:" + port}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h := w.Header()
		h.Set("Content-Security-Policy", policy)
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "no-referrer")
		h.Set("Cross-Origin-Resource-Policy", "same-origin")
		h.Set("Cross-Origin-Opener-Policy", "same-origin")
		h.Set("Cache-Control", "no-store")
		if !slices.Contains(names, r.Host) {
			http.Error(w, fmt.Sprintf("this is %s, not %s", own, r.Host), http.StatusMisdirectedRequest)
			return
		}
		next.ServeHTTP(w, r)
	})
}

const (
	tick         = time.Second
	weightsEvery = 2 * time.Second // at least
	weightsShare = 0.005           // of the time, at most
)

// events tells a reader of the run until it goes away or the page is closed: what the run
// is, then each second its state and, less often, the weights.
func (p *Page[T]) events(w http.ResponseWriter, r *http.Request) {
	select {
	case p.clients <- struct{}{}:
		defer func() { <-p.clients }()
	default:
		http.Error(w, fmt.Sprintf("%d pages are open already", mostClients), http.StatusServiceUnavailable)
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	// Without chunks the reader sees no error where the process is killed, but an end.
	w.Header().Set("Transfer-Encoding", "identity")
	out := sender{w, http.NewResponseController(w)}
	err := out.send("about", p.about)
	var due time.Time
	told, drawn := "", -1
	for err == nil {
		var now string
		if now, err = encoded(p.state()); err == nil && now != told {
			told = now
			err = out.text("state", now)
		} else if err == nil {
			err = out.text("alive", "1")
		}
		if began := time.Now(); err == nil && p.about.Weights && began.After(due) {
			if drawn, err = p.sendWeights(r.Context(), out, drawn); err == nil {
				took := time.Since(began).Seconds()
				due = time.Now().Add(max(weightsEvery, time.Duration(took/weightsShare*float64(time.Second))))
			}
		}
		select {
		case <-time.After(tick):
		case <-r.Context().Done():
			return
		case <-p.closing:
			out.send("state", p.state())
			return
		}
	}
}

// encoded returns v as JSON.
func encoded(v any) (string, error) {
	text, err := json.Marshal(v)
	return string(text), err
}

// sender sends events.
type sender struct {
	http.ResponseWriter
	*http.ResponseController
}

func (s sender) send(kind string, v any) error {
	text, err := encoded(v)
	return cmp.Or(err, s.text(kind, text))
}

// text sends a line of text. It gives up on a reader that does not take it.
func (s sender) text(kind, line string) error {
	s.SetWriteDeadline(time.Now().Add(10 * time.Second))
	_, err := fmt.Fprintf(s.ResponseWriter, "event: %s\ndata: %s\n\n", kind, line)
	return cmp.Or(err, s.Flush())
}

// mostTiles is how many units of the first layer are shown.
const mostTiles = 256

// sendWeights sends the weights of the first layer as a picture, unless they are those after
// the step drawn, and returns their step. While the network is scored for long, it sends
// nothing.
func (p *Page[T]) sendWeights(ctx context.Context, out sender, drawn int) (int, error) {
	var units [][]float32
	step, all := drawn, 0
	soon, stop := context.WithTimeout(ctx, tick)
	defer stop()
	p.look(soon, func() {
		if p.run.Step != drawn {
			first := p.run.FirstWeights(mostTiles)
			step, all, units = p.run.Step, p.run.Network.Params()[0].Value.Cols, picture.Units(first, first.Cols)
		}
	})
	if units == nil {
		return drawn, nil
	}
	var b bytes.Buffer
	encoder := png.Encoder{CompressionLevel: png.BestSpeed}
	tiles := picture.Tiles(p.run.Input.Shape.Dims(), units)
	if err := encoder.Encode(&b, tiles); err != nil {
		return drawn, err
	}
	return step, out.send("weights", struct {
		Step   int    `json:"step"`
		Shown  int    `json:"shown"`
		Units  int    `json:"units"`
		Width  int    `json:"width"`
		Height int    `json:"height"`
		PNG    []byte `json:"png"`
	}{step, len(units), all, tiles.Bounds().Dx(), tiles.Bounds().Dy(), b.Bytes()})
}

const (
	maxUpload = 16 << 20 // bytes of a picture's file
	maxPixels = 1 << 25  // of a picture, whose decoding takes a quarter of a gigabyte at most
)

// upload answers a picture with what the network says of it.
func (p *Page[T]) upload(w http.ResponseWriter, r *http.Request) {
	found, code, err := p.answer(w, r)
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(code)
	if err != nil {
		json.NewEncoder(w).Encode(map[string]string{"error": err.Error()})
		return
	}
	json.NewEncoder(w).Encode(found)
}

// answer returns what the network says of the picture in a request, or else an error and its
// status.
func (p *Page[T]) answer(w http.ResponseWriter, r *http.Request) (*prediction, int, error) {
	if !p.about.Pictures {
		return nil, http.StatusNotFound, errors.New("the network takes no pictures")
	}
	file, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxUpload))
	if _, tooLarge := errors.AsType[*http.MaxBytesError](err); tooLarge {
		return nil, http.StatusRequestEntityTooLarge, fmt.Errorf("a picture of more than %d MB", maxUpload>>20)
	}
	if err != nil {
		return nil, http.StatusBadRequest, err
	}
	p.decoder.Lock()
	defer p.decoder.Unlock()
	if c, _, err := image.DecodeConfig(bytes.NewReader(file)); err == nil && c.Width > 0 && c.Height > maxPixels/c.Width {
		return nil, http.StatusRequestEntityTooLarge, fmt.Errorf("%d×%d pixels, want at most %d in all", c.Width, c.Height, maxPixels)
	}
	shape := p.run.Input.Shape
	pixels, err := photo.Decode(bytes.NewReader(file), int64(len(file)), photo.Size{Channels: shape.Channels, Height: shape.Height, Width: shape.Width})
	if err != nil {
		return nil, http.StatusUnprocessableEntity, err
	}
	ctx, stop := context.WithTimeout(r.Context(), 20*time.Second)
	defer stop()
	found, err := p.predict(ctx, data.Split{Pixels: pixels})
	if err != nil {
		return nil, http.StatusServiceUnavailable, fmt.Errorf("the network is not to be had now: %w", err)
	}
	return found, http.StatusOK, nil
}

// mostClasses is how many classes an answer has.
const mostClasses = 5

// topOf returns the most probable classes. Probabilities that are NaN count as 0.
func topOf[T kernels.Float](classes []string, probabilities []T) []candidate {
	var all []candidate
	for i, v := range probabilities {
		if math.IsNaN(float64(v)) {
			v = 0
		}
		all = append(all, candidate{classes[i], float64(v)})
	}
	slices.SortStableFunc(all, func(a, b candidate) int { return cmp.Compare(b.Probability, a.Probability) })
	return all[:min(len(all), mostClasses)]
}
