package spec

import (
	"maps"
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
		v.imageName(at, name)
		v.imageBinaries(at, name, img, binaries)
		v.base(at.to("base"), img.Base)
		v.files(at, img)
		v.imageConfig(at, img)
		v.annotations(at.to("annotations"), img.Annotations)
		v.capabilities(at.to("capabilities"), img.Capabilities)
	}
}

// imageConfig checks what is for the config of the image.
func (v *validator) imageConfig(at keyPath, img Image) {
	if img.User != "" && !IsTemplate(img.User) {
		v.flaw(at.to("user"), "bad-user", userFlaw(img.User))
	}
	v.command(at.to("entrypoint"), img.Entrypoint)
	v.command(at.to("cmd"), img.Cmd)
	v.env(at.to("env"), img.Env, imageEnvRE, "visible ASCII without =")
	if img.WorkDir != "" && !IsTemplate(img.WorkDir) {
		v.flaw(at.to("workdir"), "bad-path", pathFlaw(img.WorkDir))
	}
	for i, p := range img.Ports {
		v.port(at.to("ports", i), p)
	}
	for i, p := range img.Volumes {
		v.imagePath(at.to("volumes", i), p)
	}
	v.labels(at.to("labels"), img.Labels)
	v.stopSignal(at.to("stopsignal"), img.StopSignal)
	v.healthcheck(at.to("healthcheck"), img.Healthcheck)
}

// base checks what an image is built on, for each OS.
func (v *validator) base(at keyPath, base Base) {
	for os, ref := range each(base) {
		if os != "" {
			v.keyFlaw(at.to(os), "bad-platform", systemFlaw(os))
		}
		v.image(at.to(os), ref)
	}
}

// imageBinaries checks which binaries an image has, and that it is clear which of
// them it starts.
func (v *validator) imageBinaries(at keyPath, name string, img Image, known []string) {
	listed := map[string]bool{}
	for i, b := range img.Binaries {
		at := at.to("binaries", i, "name")
		if b.Name == "" {
			v.key(at, "missing-key", "", "a binary of an image needs its name")
			continue
		}
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

var userRE = regexp.MustCompile(`^[A-Za-z0-9_][A-Za-z0-9_.-]*\$?(:[A-Za-z0-9_][A-Za-z0-9_.-]*\$?)?$`)

func userFlaw(user string) flaw {
	ok := userRE.MatchString(user)
	for id := range strings.SplitSeq(user, ":") {
		ok = ok && (strings.Trim(id, "0123456789") != "" || isID(id))
	}
	if !ok {
		return flaw{quote(user) + " is not a user: a name or a number, then :group if needed, as 65532:65532", ""}
	}
	return flaw{}
}

// isID reports whether s is a number that Linux takes for a user or group.
func isID(s string) bool {
	_, err := strconv.ParseInt(s, 10, 32)
	return err == nil
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
