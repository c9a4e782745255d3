using Attune.Data.Corpora;
using Attune.Tokenizers;

namespace Attune.Data.Tokens;

/// <summary>A document's tokens.</summary>
/// <param name="Ids">The tokens of all sentences, one after another.</param>
/// <param name="SentenceLengths">How many each sentence has; sentences without tokens are left out.</param>
/// <param name="Characters">The document's length as text.</param>
internal sealed record TokenizedDocument(List<int> Ids, List<int> SentenceLengths, long Characters);

/// <summary>Tokenizes documents in parallel and gives them in their order, whatever the number of threads.</summary>
internal static class DocumentTokenizer
{
    private const int MaxDocuments = 1024, MaxCharacters = 4 << 20;

    /// <summary>Tokenizes a stream of documents with bounded memory.</summary>
    public static IEnumerable<TokenizedDocument> Tokenize(IEnumerable<TextDocument> documents, ITokenizer tokenizer)
    {
        foreach (List<TextDocument> group in Groups(documents))
        {
            TokenizedDocument[] results = new TokenizedDocument[group.Count];
            Parallel.For(0, group.Count, i => results[i] = Tokenize(group[i], tokenizer));
            foreach (TokenizedDocument result in results) yield return result;
        }
    }

    private static TokenizedDocument Tokenize(TextDocument document, ITokenizer tokenizer)
    {
        List<int> ids = [], lengths = [];
        long characters = 0;
        foreach (string sentence in document.Sentences)
        {
            characters += sentence.Length;
            int count = tokenizer.EncodeIds(sentence, ids, addSpecialTokens: false);
            if (count > 0) lengths.Add(count);
        }
        return new TokenizedDocument(ids, lengths, characters);
    }

    private static IEnumerable<List<TextDocument>> Groups(IEnumerable<TextDocument> documents)
    {
        List<TextDocument> group = [];
        long characters = 0;
        foreach (TextDocument document in documents)
        {
            group.Add(document);
            foreach (string sentence in document.Sentences) characters += sentence.Length;
            if (group.Count < MaxDocuments && characters < MaxCharacters) continue;
            yield return group;
            group = [];
            characters = 0;
        }
        if (group.Count > 0) yield return group;
    }
}
