// On a device that goes round: leaves the page when the server has signed out whoever read it.
setTimeout(() => location.replace(location.pathname + location.search), 61000);
