// Ctrl+S saves the page that is being edited.
document.addEventListener("keydown", (event) => {
  const form = document.querySelector("form[method=post]");
  if (form && event.ctrlKey && event.key === "s") {
    event.preventDefault();
    form.submit();
  }
});
