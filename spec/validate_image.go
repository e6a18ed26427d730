package spec

import (
	"maps"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/acme/xbuild/internal/diag"
)

func (v *validator) images() {
	binaries := slices.Sorted(maps.Keys(v.Binaries))
	for name, img := range each(v.Images) {
		at := keyPath{"images", name}
		switch {
		case slices.Contains(builtin, name):
			v.key(at, "reserved-name", "", "%s is a target of its own; name the image otherwise", quote(name))
		case !nameRE.MatchString(name):
			v.key(at, "bad-name", lowered(name), "%s can't name an image: %s", quote(name), nameForm)
		}
		v.imageBinaries(at, name, img, binaries)
		for os, ref := range each(img.Base) {
			v.image(at.to("base", os), ref)
		}
		v.files(at, img)
		v.user(at.to("user"), img.User)
		v.command(at.to("entrypoint"), img.Entrypoint)
		v.command(at.to("cmd"), img.Cmd)
		v.env(at.to("env"), img.Env, imageEnvRE, "visible ASCII without =")
		if img.WorkDir != "" {
			v.imagePath(at.to("workdir"), img.WorkDir)
		}
		for i, p := range img.Ports {
			v.port(at.to("ports", i), p)
		}
		for i, p := range img.Volumes {
			v.imagePath(at.to("volumes", i), p)
		}
		v.labels(at.to("labels"), img.Labels)
		v.labels(at.to("annotations"), img.Annotations)
		v.stopSignal(at.to("stopsignal"), img.StopSignal)
	}
}

// imageBinaries checks which binaries an image has, and that it is clear which of
// them it starts.
func (v *validator) imageBinaries(at keyPath, name string, img Image, known []string) {
	listed := map[string]bool{}
	for i, b := range img.Binaries {
		at := at.to("binaries", i, "name")
		if listed[b.Name] {
			v.value(at, "duplicate-binary", "", "binary %s is listed twice", quote(b.Name))
		} else if _, ok := v.Binaries[b.Name]; !ok && len(known) > 0 {
			v.value(at, "unknown-binary", diag.Nearest(b.Name, known), "there is no binary %s", quote(b.Name))
		}
		listed[b.Name] = true
	}
	_, named := v.Binaries[name]
	switch {
	case len(img.Binaries) == 0 && len(known) > 1 && !named:
		v.key(at.to("binaries"), "missing-binaries", "", "image %s must list its binaries: there are %d, and none has its name", quote(name), len(known))
	case len(img.Entrypoint) == 0 && len(img.Binaries) > 1 && !listed[name]:
		v.key(at.to("entrypoint"), "missing-entrypoint", "", "image %s needs an entrypoint: it has %d binaries, and none has its name", quote(name), len(img.Binaries))
	}
}

var modeRE = regexp.MustCompile(`^[0-7]{3,4}$`)

func (v *validator) files(at keyPath, img Image) {
	taken := map[string]string{}
	for _, b := range img.Binaries {
		taken[b.Dest()] = "binary " + quote(b.Name)
	}
	for i, f := range img.Files {
		at := at.to("files", i)
		switch {
		case f.From == "":
			v.key(at.to("from"), "missing-key", "", "a file needs from: its path in the build context")
		case !v.outside(at.to("from"), f.From):
			v.plainPath(at.to("from"), "bad-path", f.From)
		}
		switch {
		case f.To == "":
			v.key(at.to("to"), "missing-key", "", "a file needs to: its path in the image")
		default:
			v.imagePath(at.to("to"), f.To)
			dest := destination(f)
			if by := taken[dest]; by != "" {
				v.value(at.to("to"), "duplicate-path", "", "%s is already taken by %s", quote(dest), by)
			} else {
				taken[dest] = "file " + quote(f.From)
			}
		}
		if f.Mode != "" && !modeRE.MatchString(f.Mode) {
			hint := oneOf("0"+strings.TrimLeft(f.Mode, "0oO"), modeRE.MatchString)
			v.value(at.to("mode"), "bad-mode", hint, "%s is not a mode: 3 or 4 octal digits, as 0644", quote(f.Mode))
		}
	}
}

// destination gives the path that a file has in the image.
func destination(f File) string {
	if strings.HasSuffix(f.To, "/") {
		return path.Join(f.To, path.Base(path.Clean(f.From)))
	}
	return path.Clean(f.To)
}

var userRE = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?(:[A-Za-z0-9_][A-Za-z0-9_.-]*\$?)?$`)

func (v *validator) user(at keyPath, user string) {
	if user == "" {
		return
	}
	ok := userRE.MatchString(user)
	for id := range strings.SplitSeq(user, ":") {
		if strings.Trim(id, "0123456789") == "" {
			_, err := strconv.ParseInt(id, 10, 32)
			ok = ok && err == nil
		}
	}
	if !ok {
		v.value(at, "bad-user", "", "%s is not a user: a name or a number, then :group if needed, as 65532:65532", quote(user))
	}
}

// command checks an entrypoint or cmd.
func (v *validator) command(at keyPath, args []string) {
	for i, a := range args {
		switch {
		case i == 0 && strings.TrimSpace(a) == "":
			v.value(at.to(i), "bad-command", "", "the first word of a command can't be empty")
		case strings.ContainsRune(a, 0):
			v.value(at.to(i), "bad-command", "", "%s holds a NUL", quote(a))
		}
	}
}

func (v *validator) labels(at keyPath, labels map[string]string) {
	for key := range each(labels) {
		if strings.TrimSpace(key) == "" {
			v.key(at.to(key), "bad-label", "", "a key can't be empty")
		}
	}
}

var portRE = regexp.MustCompile(`^([0-9]{1,5})(?:-([0-9]{1,5}))?(?:/(?:tcp|udp|sctp))?$`)

// isPort reports whether s is N[-M][/tcp|/udp|/sctp], from 1 to 65535.
func isPort(s string) bool {
	m := portRE.FindStringSubmatch(s)
	if m == nil {
		return false
	}
	first, _ := strconv.Atoi(m[1])
	last := first
	if m[2] != "" {
		last, _ = strconv.Atoi(m[2])
	}
	return 1 <= first && first <= last && last <= 65535
}

func (v *validator) port(at keyPath, s string) {
	if isPort(s) {
		return
	}
	inside := strings.ToLower(s[strings.LastIndexByte(s, ':')+1:])
	hint := oneOf(inside, isPort)
	if strings.Contains(s, ":") && hint != "" {
		v.value(at, "bad-port", hint, "%s maps a port, which is done when the image runs; name the port inside", quote(s))
		return
	}
	v.value(at, "bad-port", hint, "%s is not a port: 1 to 65535, as 8080, 53/udp or 8000-8010", quote(s))
}
