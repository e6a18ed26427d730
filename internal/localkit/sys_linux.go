package localkit

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"runtime"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// capSysAdmin is CAP_SYS_ADMIN of capability.h, without which nothing can be mounted.
const capSysAdmin = 21

// supported says why a daemon cannot run here; nil when it can.
func supported() error {
	const hint = "set BUILDKIT_HOST to a BuildKit elsewhere, or start a Docker engine with buildx"
	if os.Geteuid() != 0 {
		return fmt.Errorf("%w: it needs root; %s", ErrUnsupported, hint)
	}
	status, err := os.ReadFile("/proc/self/status")
	if err != nil {
		return fmt.Errorf("%w: %w", ErrUnsupported, err)
	}
	_, rest, _ := strings.Cut(string(status), "CapEff:")
	line, _, _ := strings.Cut(rest, "\n")
	caps, err := strconv.ParseUint(strings.TrimSpace(line), 16, 64)
	if err != nil || caps&(1<<capSysAdmin) == 0 {
		return fmt.Errorf("%w: root may not mount file systems in this container; %s", ErrUnsupported, hint)
	}
	return nil
}

// tryLock takes the exclusive lock of the file at path, or fails with errLocked. The kernel
// releases it when the process ends.
func tryLock(path string) (unlock func(), err error) {
	f, err := os.OpenFile(path, os.O_CREATE|os.O_RDWR, 0o644)
	if err != nil {
		return nil, err
	}
	for {
		err = syscall.Flock(int(f.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
		if !errors.Is(err, syscall.EINTR) {
			break
		}
	}
	if err != nil {
		f.Close()
		if errors.Is(err, syscall.EWOULDBLOCK) {
			err = errLocked
		}
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return func() { f.Close() }, nil
}

// startContained starts program in process and mount namespaces of its own, where it is process 1: when
// it ends, however it ends, its descendants and its mounts are gone. The kernel kills it when
// this process dies. It is start that calls cmd.Start, on a locked thread. The channel gets the result of Wait, once.
func startContained(cmd *exec.Cmd, start func() error) (<-chan error, error) {
	shell, err := exec.LookPath("sh")
	if err != nil {
		return nil, err
	}
	cmd.Args = append([]string{shell, "-c", `mount -t proc proc /proc && exec "$0" "$@"`, cmd.Path}, cmd.Args[1:]...)
	cmd.Path = shell
	cmd.SysProcAttr = &syscall.SysProcAttr{
		Setpgid:      true,
		Pdeathsig:    syscall.SIGKILL,
		Cloneflags:   syscall.CLONE_NEWPID,
		Unshareflags: syscall.CLONE_NEWNS,
	}
	started, done := make(chan error), make(chan error, 1)
	go func() {
		// Pdeathsig fires at the end of the starting thread, so that thread stays here.
		runtime.LockOSThread()
		defer runtime.UnlockOSThread()
		err := start()
		started <- err
		if err == nil {
			done <- cmd.Wait()
		}
	}()
	return done, <-started
}

// enterNetwork takes this thread, which has to be locked, to a new network namespace with nothing in it but a loopback; what it
// starts and listens on belongs there. Leave brings it back; a thread that can't be ends with its goroutine.
func enterNetwork() (leave func(), err error) {
	home, err := os.Open("/proc/thread-self/ns/net")
	if err != nil {
		return nil, err
	}
	if err := unix.Unshare(unix.CLONE_NEWNET); err != nil {
		home.Close()
		return nil, os.NewSyscallError("unshare", err)
	}
	runtime.LockOSThread()
	leave = func() {
		if unix.Setns(int(home.Fd()), unix.CLONE_NEWNET) == nil {
			runtime.UnlockOSThread()
		}
		home.Close()
	}
	if err := loopbackUp(); err != nil {
		leave()
		return nil, fmt.Errorf("loopback: %w", err)
	}
	return leave, nil
}

// loopbackUp is "ip link set lo up". See netdevice(7).
func loopbackUp() error {
	s, err := unix.Socket(unix.AF_INET, unix.SOCK_DGRAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return err
	}
	defer unix.Close(s)
	lo, err := unix.NewIfreq("lo")
	if err != nil {
		return err
	}
	lo.SetUint16(unix.IFF_UP)
	return unix.IoctlIfreq(s, unix.SIOCSIFFLAGS, lo)
}
