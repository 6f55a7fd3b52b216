// Looks again while work goes on in the background.
const again = () => (document.hidden ? setTimeout(again, 1500) : location.reload());
setTimeout(again, 1500);
