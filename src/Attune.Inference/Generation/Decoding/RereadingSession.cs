using Attune.Nn.Contracts;
using Attune.Nn.Decoding;
using Attune.Tensors;

namespace Attune.Inference.Generation.Decoding;

/// <summary>Reads every sequence from its beginning at each step: slow, and what the cache must agree with.</summary>
internal sealed class RereadingSession : DecodingSession
{
    private List<int>[] _ids;
    private int[] _sources;

    public RereadingSession(GenerativeModel model, Precision precision, IReadOnlyList<IReadOnlyList<int>> sources) : base(model, precision, sources)
    {
        _ids = [.. sources.Select(_ => new List<int>())];
        _sources = [.. Enumerable.Range(0, sources.Count)];
    }

    /// <inheritdoc/>
    public override void Select(ReadOnlySpan<int> sequences)
    {
        (var ids, int[] sources) = (new List<int>[sequences.Length], new int[sequences.Length]);
        for (int i = 0; i < ids.Length; i++)
            (ids[i], sources[i]) = ([.. _ids[sequences[i]]], _sources[sequences[i]]);
        (_ids, _sources) = (ids, sources);
    }

    /// <inheritdoc/>
    protected override BackboneOutput Run(Pass pass, TokenBatch unread)
    {
        for (int s = 0; s < _ids.Length; s++)
            _ids[s].AddRange(unread.Ids.Span.Slice(unread.Segments.Start(s), unread.Segments.Length(s)));
        // An empty state says that sequences grow: some convolutions go by the length of those that do not.
        TokenBatch all = TokenBatch.Of([.. _ids.Select(ids => ids.ToArray())]) with { State = new KeyValueCache(_ids.Length) };
        return Model.Run(pass, all, Expanded());
    }

    // Sequence s reads source s, so that a source with several sequences is repeated.
    private BackboneOutput? Expanded()
    {
        if (Source is null)
            return null;
        Segments segments = Source.Batch.Segments;
        List<int[]> ids = [];
        List<int> rows = [];
        foreach (int source in _sources)
        {
            (int start, int length) = (segments.Start(source), segments.Length(source));
            ids.Add(Source.Batch.Ids.Slice(start, length).ToArray());
            rows.AddRange(Enumerable.Range(start, length));
        }
        return Source with { Hidden = Rows.Chosen(Source.Hidden, rows), Batch = TokenBatch.Of([.. ids]) };
    }
}
