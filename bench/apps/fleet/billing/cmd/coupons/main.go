// Command coupons makes and redeems coupons.
package main

import (
	"crypto/rand"
	"net/http"
	"time"

	"example.com/fleet/lib/service"
	"example.com/fleet/lib/table"
)

type coupon struct {
	Code    string    `json:"code"`
	Percent int       `json:"percent"`
	Uses    int       `json:"uses"` // that are left
	Expires time.Time `json:"expires"`
}

func main() {
	var coupons table.Table[string, coupon]
	s := service.New("coupons")
	s.Handle("POST /coupons", func(r *http.Request) (any, error) {
		c, err := service.Body[coupon](r)
		if err != nil {
			return nil, err
		}
		if c.Percent < 1 || c.Percent > 90 {
			return nil, service.Bad("%d percent", c.Percent)
		}
		c.Code = rand.Text()[:10]
		coupons.Put(c.Code, c)
		return c, nil
	})
	s.Handle("POST /coupons/{code}/redeem", func(r *http.Request) (any, error) {
		code := r.PathValue("code")
		return coupons.Update(code, func(c coupon, ok bool) (coupon, error) {
			if !ok {
				return c, service.Missing("coupon", code)
			}
			return c.redeem(time.Now())
		})
	})
	s.Main()
}

func (c coupon) redeem(now time.Time) (coupon, error) {
	switch {
	case now.After(c.Expires):
		return c, service.Status{Code: http.StatusGone, Text: "the coupon has expired"}
	case c.Uses < 1:
		return c, service.Status{Code: http.StatusConflict, Text: "the coupon is used up"}
	}
	c.Uses--
	return c, nil
}
