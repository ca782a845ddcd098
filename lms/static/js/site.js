"use strict";
(function () {
  var root = document.documentElement;
  var YEAR = 31536000;

  function each(selector, act) {
    Array.prototype.forEach.call(document.querySelectorAll(selector), act);
  }

  function cookie(name) {
    var found = document.cookie.match(new RegExp("(?:^|; )" + name + "=([^;]*)"));
    if (!found) return "";
    try {
      return decodeURIComponent(found[1].replace(/\+/g, " "));
    } catch (error) {
      return "";
    }
  }

  function remember(name, value) {
    var secure = location.protocol === "https:" ? "; Secure" : "";
    document.cookie = name + "=" + value + "; Path=/; Max-Age=" + YEAR + "; SameSite=Lax" + secure;
  }

  function showLook() {
    var high = root.getAttribute("data-tp") === "cao";
    each("[data-tuy-chon] button", function (button) {
      var pressed = button.name === "co" ? button.value === root.getAttribute("data-co") : high;
      button.setAttribute("aria-pressed", String(pressed));
      if (button.name === "tp") button.value = high ? "thuong" : "cao";
    });
    each("meta[name=theme-color]", function (meta) {
      meta.content = high ? "#000000" : "#FBF7EF";
    });
    each("meta[name=color-scheme]", function (meta) {
      meta.content = high ? "dark" : "light";
    });
  }

  // A page kept by the browser may carry the look or the name of an earlier visit.
  function refresh() {
    var size = cookie("co");
    var contrast = cookie("tp");
    if (/^(nho|vua|to)$/.test(size)) root.setAttribute("data-co", size);
    if (/^(thuong|cao)$/.test(contrast)) root.setAttribute("data-tp", contrast);
    showLook();
    var name = cookie("ten");
    each("[data-ten]", function (chip) {
      // A long name would push the header apart; in Vietnamese the given name stands last.
      chip.textContent = (name.length > 16 ? name.split(" ").slice(-2).join(" ") : name) || "Người học";
      if (name) chip.parentNode.setAttribute("aria-label", "Người học: " + name);
      else chip.parentNode.removeAttribute("aria-label");
    });
    each("form[data-sent]", release);
    each("form[data-khoa]", addKey);
  }

  function addKey(form) {
    var field = form.querySelector("input[name=khoa]");
    if (!field) {
      field = document.createElement("input");
      field.type = "hidden";
      field.name = "khoa";
      form.appendChild(field);
    }
    var hex = "";
    Array.prototype.forEach.call(crypto.getRandomValues(new Uint8Array(16)), function (byte) {
      hex += (byte < 16 ? "0" : "") + byte.toString(16);
    });
    field.value = hex;
  }

  function release(form) {
    form.removeAttribute("data-sent");
    Array.prototype.forEach.call(form.querySelectorAll("[aria-disabled]"), function (button) {
      button.removeAttribute("aria-disabled");
    });
  }

  function hold(event) {
    var form = event.target;
    if (event.defaultPrevented || form.method !== "post") return;
    if (form.hasAttribute("data-sent")) {
      event.preventDefault();
      return;
    }
    form.setAttribute("data-sent", "");
    Array.prototype.forEach.call(form.querySelectorAll("button[type=submit]"), function (button) {
      button.setAttribute("aria-disabled", "true");
    });
    // A form that downloads a file, or was stopped on a weak network, may be sent again.
    setTimeout(release, 8000, form);
  }

  function copy(button) {
    var id = button.getAttribute("data-copy");
    var area = document.getElementById(id);
    var status = document.querySelector('[data-copied="' + id + '"]');
    function done(good) {
      status.textContent = good ? "Đã sao chép. Dán vào tin nhắn để gửi." : "Chưa chép được. Giữ tay vào chữ rồi chọn Sao chép.";
    }
    function byHand() {
      area.focus();
      area.select();
      try {
        done(document.execCommand("copy"));
      } catch (error) {
        done(false);
      }
    }
    if (navigator.clipboard) {
      navigator.clipboard.writeText(area.value).then(function () { done(true); }, byHand);
    } else {
      byHand();
    }
  }

  each("[data-tuy-chon] button", function (button) {
    button.addEventListener("click", function (event) {
      if (!navigator.cookieEnabled) return;
      event.preventDefault();
      remember(button.name, button.value);
      root.setAttribute("data-" + button.name, button.value);
      showLook();
    });
  });
  each("[data-copy]", function (button) {
    button.hidden = false;
    button.addEventListener("click", function () { copy(button); });
  });
  document.addEventListener("submit", hold);
  addEventListener("pageshow", function (event) { if (event.persisted) refresh(); });
  refresh();
  each("[data-errors]", function (summary) { summary.focus(); });
})();
