// Package fetch downloads CIFAR-10, checks it and unpacks it.
package fetch

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"github.com/lanes-ml/lanes/net/internal/atomicfile"
	"github.com/lanes-ml/lanes/net/internal/lockfile"
	"github.com/lanes-ml/lanes/net/internal/regular"
)

// ErrWrong says that an address gave something other than the archive: its length or
// its SHA-256 differs, or it has entries that it must not have.
var ErrWrong = errors.New("not the published archive")

// Event reports the progress of [Fetch].
type Event struct {
	Stage Stage
	URL   string // the address in use, without a password
	Done  int64  // the number of bytes received so far
	Err   error  // if Stage is Failed or Waiting, why a try failed or waits
}

// Stage is what [Fetch] is doing.
type Stage int

const (
	Connected Stage = iota // an address answered, and sends the bytes after Done
	Receiving              // bytes have come
	Waiting                // no byte has come for a while
	Failed                 // a try failed; another follows, of this address or the next
	Verifying              // the whole archive has come
	Unpacking
)

// Fetch downloads an archive into the folder dir, which it makes if necessary, unpacks
// it there to the folder a.Folder, and returns the path of that. It tries the addresses
// in turn, and an address several times if its connection breaks or its server fails.
// It reports progress to notify.
//
// An interrupted download stays in dir, under the archive's name with .part added. The
// next Fetch continues it, from any address whose server sends parts of files. Only an
// archive with the right size and SHA-256 is unpacked. That happens in a temporary
// folder, which is renamed when everything is on the disk, so that a folder a.Folder is
// always whole. If there is one already, Fetch does nothing and returns an error that
// is [fs.ErrExist]. An empty file .fetch.lock stays in dir, because of which the second
// of two fetches at the same time fails. If one of these names is a link or not a file,
// nothing is written through it.
//
// If ctx ends, the error wraps its cause. If no address gave the archive, the error is
// [AddressErrors], and also [ErrWrong] if an address gave something else.
func Fetch(ctx context.Context, a Archive, addresses []string, dir string, notify func(Event)) (string, error) {
	return newFetcher(a, dir, notify).fetch(ctx, addresses)
}

const lockName = ".fetch.lock"

type fetcher struct {
	Archive
	dir    string
	notify func(Event)
	client *http.Client
	quiet  time.Duration // time without a byte after which it says that it waits
	idle   time.Duration // time without a byte after which it gives a connection up
	pause  time.Duration // time before the second try of an address; doubled for each later one
	part   *partial
	whole  bool // the address in use cannot send what follows part: ask for all

	mu        sync.Mutex // for notify, which a timer calls too
	receiving bool       // the timer may call it
}

func newFetcher(a Archive, dir string, notify func(Event)) *fetcher {
	return &fetcher{
		Archive: a, dir: dir, notify: notify,
		client: http.DefaultClient, quiet: 5 * time.Second, idle: 15 * time.Second, pause: time.Second,
	}
}

// tell calls notify, one call at a time.
func (f *fetcher) tell(e Event) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.notify(e)
}

func (f *fetcher) fetch(ctx context.Context, addresses []string) (string, error) {
	if err := os.MkdirAll(f.dir, 0o777); err != nil {
		return "", err
	}
	locked := filepath.Join(f.dir, lockName)
	if err := regular.CheckNotLinked(locked); err != nil {
		return "", err
	}
	lock, err := os.OpenFile(locked, os.O_RDWR|os.O_CREATE, 0o666)
	if err != nil {
		return "", err
	}
	defer lock.Close()
	if err := lockfile.Lock(lock); errors.Is(err, lockfile.ErrLocked) {
		return "", fmt.Errorf("%s: another fetch is at work there", f.dir)
	} else if err != nil {
		return "", err
	}
	target := filepath.Join(f.dir, f.Folder)
	if _, err := os.Lstat(target); err == nil {
		return "", fmt.Errorf("%s: %w", target, fs.ErrExist)
	}
	if err := atomicfile.SweepFolders(f.dir, temporary); err != nil {
		return "", err
	}
	part, err := openPartial(filepath.Join(f.dir, f.name()+".part"))
	if err != nil {
		return "", err
	}
	defer part.close()
	f.part = part

	if err := f.downloadFromAny(ctx, addresses); err != nil {
		return "", err
	}
	f.tell(Event{Stage: Unpacking, Done: f.Size})
	if err := f.unpack(ctx, part.file, target); err != nil {
		if errors.Is(err, ErrWrong) {
			part.remove()
		}
		return "", err
	}
	return target, part.remove()
}

// downloadFromAny completes the partial file from the first address that can.
func (f *fetcher) downloadFromAny(ctx context.Context, addresses []string) error {
	var errs AddressErrors
	for i, address := range addresses {
		err := f.download(ctx, address)
		if err == nil {
			return nil
		}
		if ctx.Err() != nil || isLocal(err) {
			return err
		}
		if i < len(addresses)-1 {
			f.tell(Event{Stage: Failed, URL: redacted(address), Err: err})
		}
		errs = append(errs, err)
	}
	return errs
}

// isLocal reports whether err comes from this machine's files, not from an address.
func isLocal(err error) bool {
	_, ok := errors.AsType[*fs.PathError](err)
	return ok
}

// AddressErrors has the reason why each address failed. As text, they are on one line.
type AddressErrors []error

func (e AddressErrors) Error() string {
	var texts []string
	for _, err := range e {
		texts = append(texts, err.Error())
	}
	return strings.Join(texts, "; ")
}

func (e AddressErrors) Unwrap() []error { return e }
