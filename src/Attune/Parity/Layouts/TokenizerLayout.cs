using Attune.Parity.Tokenizers;
using Attune.Tokenizers;

namespace Attune.Parity.Layouts;

/// <summary>
/// A tokenizer with the encodings of many texts: <c>tokenizer.json</c> (or the vocabulary files from before it) and
/// <c>cases.jsonl</c>.
/// </summary>
internal sealed class TokenizerLayout : ICaseLayout
{
    private const string CasesName = "cases.jsonl";

    private static readonly string[] Vocabularies = ["tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "tokenizer.model"];

    /// <inheritdoc/>
    public bool Recognises(CaseFolder folder) => folder.Has(CasesName) && Vocabularies.Any(folder.Has);

    /// <inheritdoc/>
    public IEnumerable<Func<ParityResult>> Cases(CaseFolder folder)
    {
        yield return CaseRun.OfLines(folder.Name, "tokenizer", Path.GetFileName(folder.Name), tally =>
        {
            Tokenizer tokenizer = Tokenizer.LoadFolder(folder.Path);
            VectorFile.CountLines(folder.File(CasesName), tally, line => EncodingCase.Difference(tokenizer, line));
        });
    }
}
