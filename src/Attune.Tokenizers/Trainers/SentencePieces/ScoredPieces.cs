namespace Attune.Tokenizers.Trainers.SentencePieces;

/// <summary>The pieces that a unigram model has at some time of its training, with their scores.</summary>
internal sealed class ScoredPieces
{
    private readonly IReadOnlyList<int[]> _seeds;
    private readonly int[] _nodes;

    /// <summary>Makes the model of all seeds.</summary>
    /// <param name="seeds">Texts and scores of the pieces; later models have none but these.</param>
    public ScoredPieces(IReadOnlyList<(int[] Text, float Score)> seeds)
    {
        _seeds = [.. seeds.Select(s => s.Text)];
        Trie = new PieceTrie(seeds.Count);
        _nodes = [.. _seeds.Select(s => Trie.Add(s))];
        Set([.. seeds.Select((s, i) => (i, s.Score))]);
    }

    /// <summary>Texts to places in <see cref="Scores"/>.</summary>
    public PieceTrie Trie { get; }

    /// <summary>Which seeds the pieces are.</summary>
    public int[] Seeds { get; private set; } = [];

    /// <summary>The pieces' scores.</summary>
    public float[] Scores { get; private set; } = [];

    /// <summary>The lowest score.</summary>
    public float LowestScore { get; private set; }

    /// <summary>The number of pieces.</summary>
    public int Count => Seeds.Length;

    /// <summary>The text of a piece.</summary>
    public int[] TextOf(int id) => _seeds[Seeds[id]];

    /// <summary>Goes on with these pieces.</summary>
    /// <param name="pieces">Their seeds and their scores.</param>
    public void Set(IReadOnlyList<(int Seed, float Score)> pieces)
    {
        foreach (var seed in Seeds) Trie.Set(_nodes[seed], -1);
        (Seeds, Scores) = ([.. pieces.Select(p => p.Seed)], [.. pieces.Select(p => p.Score)]);
        LowestScore = float.MaxValue;
        for (var id = 0; id < Seeds.Length; id++)
        {
            Trie.Set(_nodes[Seeds[id]], id);
            LowestScore = Math.Min(LowestScore, Scores[id]);
        }
    }
}
