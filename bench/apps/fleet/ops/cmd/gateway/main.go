// Command gateway sends requests on to the other services.
package main

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"

	"example.com/fleet/lib/service"
)

func main() {
	s := service.New("gateway")
	var routes []string
	s.Flags.Func("route", "NAME=URL of a service, at /NAME/; may be repeated", func(v string) error {
		routes = append(routes, v)
		return nil
	})
	s.OnStart(func(context.Context) error {
		for _, route := range routes {
			name, proxy, err := parse(route)
			if err != nil {
				return err
			}
			s.Mount("/"+name+"/", http.StripPrefix("/"+name, proxy))
		}
		return nil
	})
	s.Main()
}

func parse(route string) (name string, proxy http.Handler, err error) {
	name, address, ok := strings.Cut(route, "=")
	if !ok || name == "" || strings.ContainsAny(name, "/{} ") {
		return "", nil, fmt.Errorf("%q is not NAME=URL", route)
	}
	target, err := url.Parse(address)
	if err != nil {
		return "", nil, err
	}
	if target.Scheme != "http" || target.Host == "" {
		return "", nil, fmt.Errorf("%q is not the URL of a service", address)
	}
	return name, &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(target)
		r.SetXForwarded()
	}}, nil
}
