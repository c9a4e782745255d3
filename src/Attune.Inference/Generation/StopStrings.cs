namespace Attune.Inference.Generation;

/// <summary>Passes a growing text on up to the first stop string; holds back what may be the beginning of one.</summary>
/// <param name="stops">Texts at which it ends.</param>
internal sealed class StopStrings(IReadOnlyList<string> stops)
{
    private string _held = "";

    /// <summary>Whether a stop string has come.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>Takes more text and gives what is certain.</summary>
    public string Push(string piece)
    {
        if (IsStopped)
            return "";
        string text = _held + piece;
        int end = -1;
        foreach (string stop in stops)
        {
            int found = stop.Length == 0 ? -1 : text.IndexOf(stop, StringComparison.Ordinal);
            if (found >= 0 && (end < 0 || found < end))
                end = found;
        }
        IsStopped = end >= 0;
        if (!IsStopped)
            end = text.Length - OpenLength(text);
        _held = IsStopped ? "" : text[end..];
        return text[..end];
    }

    /// <summary>Gives what was held back: nothing more will come.</summary>
    public string Finish()
    {
        string rest = _held;
        _held = "";
        return rest;
    }

    // The longest ending of the text that a stop string begins with.
    private int OpenLength(string text)
    {
        int open = 0;
        foreach (string stop in stops)
        {
            for (int part = Math.Min(stop.Length - 1, text.Length); part > open; part--)
            {
                if (text.EndsWith(stop[..part], StringComparison.Ordinal))
                    open = part;
            }
        }
        return open;
    }
}
