using Attune.Tensors;

namespace Attune.Inference.Generation.Decoding;

/// <summary>
/// The texts of a session that still go on: their sequences are read together, step by step, and those that are done make room. A text is one
/// sequence, or the beams of a search.
/// </summary>
/// <param name="session">Reads the sequences.</param>
/// <param name="prompts">What it reads first; it begins with a sequence for each.</param>
/// <param name="count">The number of texts, those that continue the same prompt side by side.</param>
/// <param name="width">The sequences of a text.</param>
internal sealed class OpenTexts(DecodingSession session, IReadOnlyList<int[]> prompts, int count, int width = 1)
{
    private int[] _open = [.. Enumerable.Range(0, count)];
    private IReadOnlyList<int[]> _unread = prompts;
    private Tensor? _scores;

    // How many sequences share one of the session's: until they have tokens of their own, all that continue a prompt.
    private int _sharing = prompts.Count == 0 ? 1 : count * width / prompts.Count;

    // Of the next step: the texts, and for each sequence what it continues and its token.
    private List<int> _going = [], _places = [];
    private List<int[]> _chosen = [];

    /// <summary>The number of texts that go on.</summary>
    public int Count => _open.Length;

    /// <summary>The number that text <paramref name="i"/> of those that go on has among all.</summary>
    public int Number(int i) => _open[i];

    /// <summary>Reads what was chosen, at first the prompts, so that scores for the next tokens are there.</summary>
    /// <param name="cancellation">Looked at before it reads.</param>
    /// <returns>Whether a text goes on.</returns>
    public bool Read(CancellationToken cancellation)
    {
        if (_scores is not null)
            Advance();
        if (_open.Length == 0)
            return false;
        cancellation.ThrowIfCancellationRequested();
        _scores = session.Read(_unread);
        return true;
    }

    /// <summary>The scores of the next tokens of text <paramref name="i"/>, <c>[width, vocabulary]</c>, which may be changed.</summary>
    public Span<float> Scores(int i)
    {
        int vocabulary = _scores!.Shape.Width;
        if (_sharing == 1)
            return _scores.Span.Slice(i * width * vocabulary, width * vocabulary);
        Span<float> own = new float[width * vocabulary];
        for (int sequence = 0; sequence < width; sequence++)
            _scores.Span.Slice(Place(i, sequence) * vocabulary, vocabulary).CopyTo(own[(sequence * vocabulary)..]);
        return own;
    }

    /// <summary>Lets text <paramref name="i"/> go on; one that is not named at a step is done.</summary>
    /// <param name="i">The text among those that go on.</param>
    /// <param name="sequences">Which of its sequences each new one continues, and the token.</param>
    public void GoOn(int i, params ReadOnlySpan<(int Sequence, int Id)> sequences)
    {
        _going.Add(_open[i]);
        foreach ((int sequence, int id) in sequences)
        {
            _places.Add(Place(i, sequence));
            _chosen.Add([id]);
        }
    }

    private int Place(int i, int sequence) => (i * width + sequence) / _sharing;

    private void Advance()
    {
        // Where each sequence continues itself, nothing moves.
        if (!_places.SequenceEqual(Enumerable.Range(0, _unread.Count)))
            session.Select(_places.ToArray());
        (_open, _unread, _sharing) = ([.. _going], _chosen, 1);
        (_going, _places, _chosen) = ([], [], []);
    }
}
