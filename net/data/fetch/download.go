package fetch

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
)

// maxTries is how often in a row an address may fail unless the download gets further,
// by at least a hundredth of the archive, than it ever did.
const maxTries = 3

// download completes the partial file from one address and checks its SHA-256.
func (f *fetcher) download(ctx context.Context, address string) error {
	restarted := false
	f.whole = false
	furthest := f.part.size
	for failed := 0; ; {
		err := f.complete(ctx, address)
		if err == nil {
			return nil
		}
		if errors.Is(err, errPieces) && !restarted {
			// The pieces do not fit together, so download everything once more.
			restarted = true
			f.tell(Event{Stage: Failed, URL: redacted(address), Err: err})
			continue
		}
		if ctx.Err() != nil {
			return fmt.Errorf("%d of %d bytes are there: %w", f.part.size, f.Size, context.Cause(ctx))
		}
		if isLocal(err) {
			return err
		}
		err = fmt.Errorf("%s: %w", redacted(address), err)
		if gain := f.part.size - furthest; gain > 0 && gain >= f.Size/100 {
			furthest, failed = f.part.size, 0
		}
		if failed++; failed == maxTries || isFinal(err) {
			return err
		}
		f.tell(Event{Stage: Failed, URL: redacted(address), Done: f.part.size, Err: err})
		select {
		case <-time.After(f.pause << (failed - 1)):
		case <-ctx.Done():
		}
	}
}

// errPieces says that an archive that came in several responses has another SHA-256.
// The address may not be to blame.
var errPieces = fmt.Errorf("%w: the parts that were fetched at different times do not fit", ErrWrong)

// complete receives what the partial file lacks, and checks the whole file.
func (f *fetcher) complete(ctx context.Context, address string) error {
	resumed := f.part.size > 0
	if f.part.size > f.Size {
		if err := f.part.reset(origin{}); err != nil {
			return err
		}
	}
	if f.part.size < f.Size {
		var err error
		if resumed, err = f.receive(ctx, address); err != nil {
			return err
		}
	}
	f.tell(Event{Stage: Verifying, URL: redacted(address), Done: f.Size})
	sum, err := f.part.sum()
	if err != nil {
		return err
	}
	if sum == f.SHA256 {
		return nil
	}
	if err := f.part.reset(origin{}); err != nil {
		return err
	}
	if resumed {
		return errPieces
	}
	return fmt.Errorf("%w: SHA-256 is %s, want %s", ErrWrong, sum, f.SHA256)
}

// receive requests what the partial file lacks and appends it. It reports whether the
// response continued a part that was there.
func (f *fetcher) receive(ctx context.Context, address string) (resumed bool, err error) {
	ctx, cancel := context.WithCancelCause(ctx)
	defer cancel(nil)
	watch := time.AfterFunc(f.idle, func() { cancel(fmt.Errorf("no answer for %v", f.idle)) })
	defer watch.Stop()
	quiet := time.AfterFunc(f.quiet, func() { f.tellWaiting(address) })
	defer quiet.Stop()
	f.setReceiving(true)
	defer f.setReceiving(false)
	defer func() {
		if err != nil && ctx.Err() != nil {
			err = context.Cause(ctx)
		}
	}()

	response, err := f.request(ctx, address)
	if err != nil {
		return false, err
	}
	defer response.Body.Close()
	if err := f.accept(response, address); err != nil {
		return false, err
	}
	resumed = f.part.size > 0
	f.tell(Event{Stage: Connected, URL: redacted(address), Done: f.part.size})
	buf := make([]byte, 128<<10)
	for {
		n, err := response.Body.Read(buf)
		watch.Reset(f.idle)
		quiet.Reset(f.quiet)
		if f.part.size+int64(n) > f.Size {
			return resumed, errors.Join(fmt.Errorf("%w: more than %d bytes", ErrWrong, f.Size), f.part.reset(origin{}))
		}
		if err := f.part.append(buf[:n]); err != nil {
			return resumed, err
		}
		if n > 0 {
			f.tell(Event{Stage: Receiving, URL: redacted(address), Done: f.part.size})
		}
		if err == io.EOF && f.part.size == f.Size {
			return resumed, nil
		}
		if err == io.EOF {
			err = io.ErrUnexpectedEOF
		}
		if err != nil {
			return resumed, fmt.Errorf("the transfer broke off after %d of %d bytes: %w", f.part.size, f.Size, err)
		}
	}
}

// setReceiving records whether the fetcher waits for bytes.
func (f *fetcher) setReceiving(now bool) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.receiving = now
}

// tellWaiting notifies that no byte has come for a while, unless the try has ended.
func (f *fetcher) tellWaiting(address string) {
	f.mu.Lock()
	defer f.mu.Unlock()
	if f.receiving {
		err := fmt.Errorf("%s: nothing has come for %v; the try ends after %v", redacted(address), f.quiet, f.idle)
		f.notify(Event{Stage: Waiting, URL: redacted(address), Err: err})
	}
}

// request asks for the bytes that follow those of the partial file, or for all if the
// server's file has changed since.
func (f *fetcher) request(ctx context.Context, address string) (*http.Response, error) {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return nil, err
	}
	request.Header.Set("Accept-Encoding", "identity") // the bytes as they are
	if f.part.size > 0 && !f.whole {
		request.Header.Set("Range", fmt.Sprintf("bytes=%d-", f.part.size))
		if f.part.from.URL == address && f.part.from.Validator != "" {
			request.Header.Set("If-Range", f.part.from.Validator)
		}
	}
	response, err := f.client.Do(request)
	if err, ok := errors.AsType[*url.Error](err); ok {
		return nil, err.Err // without the address, which download adds
	}
	return response, err
}

// accept checks the status and the lengths of a response, and prepares the partial file
// for its body.
func (f *fetcher) accept(r *http.Response, address string) error {
	length := r.ContentLength // -1 if the server does not say it
	switch r.StatusCode {
	case http.StatusOK:
		if length >= 0 && length != f.Size {
			return fmt.Errorf("%w: %d bytes, want %d", ErrWrong, length, f.Size)
		}
		return f.part.reset(originOf(address, r.Header))
	case http.StatusPartialContent:
		header := r.Header.Get("Content-Range")
		first, total, err := parseContentRange(header)
		if err == nil && total >= 0 && total != f.Size {
			return fmt.Errorf("%w: %d bytes, want %d", ErrWrong, total, f.Size)
		}
		if err != nil || first != f.part.size {
			f.whole = true
			return fmt.Errorf("asked for bytes from %d on, the server sends %q", f.part.size, header)
		}
		return nil
	case http.StatusRequestedRangeNotSatisfiable:
		f.whole = true
	}
	return statusError{r.StatusCode}
}

// parseContentRange reads "bytes first-last/total"; total is -1 if it is "*".
func parseContentRange(s string) (first, total int64, err error) {
	var last int64
	if rest, ok := strings.CutSuffix(s, "/*"); ok {
		_, err = fmt.Sscanf(rest, "bytes %d-%d", &first, &last)
		return first, -1, err
	}
	_, err = fmt.Sscanf(s, "bytes %d-%d/%d", &first, &last, &total)
	return first, total, err
}

// statusError is a status that is not success.
type statusError struct{ code int }

func (e statusError) Error() string { return fmt.Sprintf("%d %s", e.code, http.StatusText(e.code)) }

// isFinal reports whether another try of the same address is useless: the address gave
// another file, or an error that is not temporary.
func isFinal(err error) bool {
	if errors.Is(err, ErrWrong) {
		return true
	}
	status, ok := errors.AsType[statusError](err)
	if !ok {
		return false
	}
	switch status.code {
	case http.StatusRequestTimeout, http.StatusTooManyRequests, http.StatusRequestedRangeNotSatisfiable:
		return false
	}
	return status.code < 500
}

// redacted returns an address without its password.
func redacted(address string) string {
	u, err := url.Parse(address)
	if err != nil {
		return address
	}
	return u.Redacted()
}
