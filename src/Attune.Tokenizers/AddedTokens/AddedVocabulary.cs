using Attune.Tokenizers.Models;
using Attune.Tokenizers.Normalizers;
using Attune.Tokenizers.Text;

namespace Attune.Tokenizers.AddedTokens;

/// <summary>The tokens that a tokenizer knows besides its model's, or finds before its model does.</summary>
internal sealed class AddedVocabulary
{
    private readonly Dictionary<string, AddedToken> _byContent = [];
    private readonly Dictionary<int, AddedToken> _byId = [];
    private readonly HashSet<string> _special = [];

    /// <summary>Makes the vocabulary.</summary>
    /// <param name="tokens">The tokens in the file's order.</param>
    /// <param name="model">The model's tokens; a token that is one of them has its id.</param>
    /// <param name="normalizer">What texts go through before tokens are looked for in their normalized form.</param>
    public AddedVocabulary(IEnumerable<AddedToken> tokens, Vocabulary model, INormalizer? normalizer)
    {
        foreach (var given in tokens)
        {
            if (given.Content.Length == 0) continue;
            var token = model.Find(given.Content) is >= 0 and var id ? given with { Id = id } : given;
            _byContent[token.Content] = token;
            _byId[token.Id] = token;
            if (token.Special) _special.Add(token.Content);
        }

        Tokens = [.. _byId.Values.OrderBy(t => t.Id)];
        Extra = Tokens.Count(t => model.Find(t.Content) < 0);
        // Of two that look alike once normalized, a special one counts.
        var ordered = _byContent.Values.OrderBy(t => !t.Special).ToArray();
        Raw = new AddedTokenFinder(ordered.Where(t => !t.Normalized), t => t.Content);
        Normalized = new AddedTokenFinder(ordered.Where(t => t.Normalized), t => Normalize(t.Content, normalizer));
    }

    /// <summary>The tokens in ascending order of ids.</summary>
    public IReadOnlyList<AddedToken> Tokens { get; }

    /// <summary>How many of them the model's vocabulary does not have.</summary>
    public int Extra { get; }

    /// <summary>Finds tokens in the original text.</summary>
    public AddedTokenFinder Raw { get; }

    /// <summary>Finds tokens in the normalized text.</summary>
    public AddedTokenFinder Normalized { get; }

    /// <summary>The token with a spelling, or null.</summary>
    public AddedToken? Find(string content) => _byContent.GetValueOrDefault(content);

    /// <summary>The token with an id, or null.</summary>
    public AddedToken? Find(int id) => _byId.GetValueOrDefault(id);

    /// <summary>Whether a spelling belongs to a special token.</summary>
    public bool IsSpecial(string content) => _special.Contains(content);

    private static string Normalize(string content, INormalizer? normalizer)
    {
        if (normalizer is null) return content;
        var text = new NormalizedText(tracksOffsets: false);
        text.Load(content);
        normalizer.Normalize(text);
        return text.Chars.ToString();
    }
}
