using System.CommandLine;
using Attune.Cli.Shell;
using Attune.Data.Corpora;
using Attune.Tokenizers;

namespace Attune.Cli.Commands.Tokenizers;

/// <summary><c>attune tokenizer train</c>: a vocabulary from text.</summary>
internal sealed class TokenizerTrainCommand : Verb
{
    private const string UnigramKind = "sentencepiece-unigram";
    private const string BpeKind = "sentencepiece-bpe";

    private static readonly string[] Kinds = ["wordpiece", "byte-level-bpe", "roberta-bpe", "character-bpe", "unigram", "words", UnigramKind, BpeKind];

    private readonly Option<string> text = new("--text")
    {
        Description = "A file or folder of text (plain, gzip, or JSONL with a field 'text').",
        HelpName = "path",
        Required = true,
    };

    private readonly Option<string> folder = new("--out")
    {
        Description = "The folder that tokenizer.json and tokenizer_config.json go to.",
        HelpName = "folder",
        Required = true,
    };

    private readonly Option<string> kind = new("--kind")
    {
        Description = "wordpiece (BERT), byte-level-bpe (GPT-2), roberta-bpe, character-bpe (GPT), unigram (T5), words, or SentencePiece's own trainers: sentencepiece-unigram and sentencepiece-bpe, which also write spiece.model.",
        HelpName = "name",
        DefaultValueFactory = _ => Kinds[0],
    };

    private readonly Option<int> vocabulary = NumberOption.Make("--vocabulary", "The most tokens, special ones included.", "count", 30_000, 10, 10_000_000);
    private readonly Option<int> frequency = NumberOption.Make("--min-frequency", "How often something must occur to become a token.", "count", 2, 1, int.MaxValue);

    private readonly Option<bool> cased = new("--cased")
    {
        Description = "Keep upper case, for wordpiece and words.",
    };

    private readonly Option<double> coverage = NumberOption.Make("--coverage", "What part of all characters gets a piece, for the sentencepiece kinds.", "share", 0.9995, 0.98, 1);

    private readonly Option<bool> bytes = new("--byte-fallback")
    {
        Description = "Spell unknown characters as bytes, for the sentencepiece kinds.",
    };

    private readonly Option<string> normalization = new("--normalization")
    {
        Description = "The rules of the sentencepiece kinds: nmt_nfkc, nfkc, either with _cf (case folding), or identity.",
        HelpName = "name",
        DefaultValueFactory = _ => "nmt_nfkc",
    };

    private readonly Option<string[]> symbols = new("--symbol")
    {
        Description = "A text that is always a piece by itself, for the sentencepiece kinds; may be given again.",
        HelpName = "text",
    };

    /// <summary>Declares the verb.</summary>
    public TokenizerTrainCommand()
        : base(
            "train",
            "Trains a tokenizer on text; Hugging Face's libraries load the result.",
            "attune tokenizer train --text books/ --vocabulary 8000 --out tokenizers/books",
            "attune tokenizer train --text code.txt --kind byte-level-bpe --out tokenizers/code --json",
            "attune tokenizer train --text books/ --kind sentencepiece-unigram --vocabulary 16000 --byte-fallback --out tokenizers/sp")
    {
        kind.AcceptOnlyFromAmong(Kinds);
        normalization.AcceptOnlyFromAmong("nmt_nfkc", "nfkc", "nmt_nfkc_cf", "nfkc_cf", "identity");
        foreach (Option option in (Option[])[text, folder, kind, vocabulary, frequency, cased, coverage, bytes, normalization, symbols, SharedOptions.Json])
            Add(option);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        var texts = TextCorpus.Sentences(TextCorpus.Open(invocation.Get(text)!));
        var place = invocation.Get(folder)!;
        int tokens;
        if (invocation.Get(kind) is UnigramKind or BpeKind)
        {
            var trained = SentencePieceTrainer.Train(texts, SentencePieces(invocation), invocation.Cancellation);
            trained.Save(place);
            tokens = trained.VocabularySize;
        }
        else
        {
            var tokenizer = TokenizerTrainer.Train(texts, Training(invocation), invocation.Cancellation);
            tokenizer.Save(place);
            tokens = tokenizer.VocabularySize;
        }

        if (!invocation.Json)
        {
            invocation.WriteFields(("tokens", $"{tokens}"), ("folder", place));
            return ExitCode.Ok;
        }

        invocation.WriteJson(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("tokens", tokens);
            json.WriteString("folder", place);
            json.WriteEndObject();
        });
        return ExitCode.Ok;
    }

    private SentencePieceTraining SentencePieces(Invocation invocation) => new()
    {
        Kind = invocation.Get(kind) == BpeKind ? SentencePieceKind.Bpe : SentencePieceKind.Unigram,
        VocabularySize = invocation.Get(vocabulary),
        // A short text makes a small model rather than an error.
        HardVocabularyLimit = false,
        CharacterCoverage = (float)invocation.Get(coverage),
        ByteFallback = invocation.Get(bytes),
        NormalizationRule = invocation.Get(normalization)!,
        UserDefinedSymbols = invocation.Get(symbols) ?? [],
    };

    private TokenizerTraining Training(Invocation invocation)
    {
        var lowercase = !invocation.Get(cased);
        TokenizerTraining training = invocation.Get(kind) switch
        {
            "wordpiece" => new WordPieceTraining { Lowercase = lowercase, SpecialTokens = WordPieceTraining.BertTokens },
            "byte-level-bpe" => new ByteLevelTraining { SpecialTokens = ByteLevelTraining.Gpt2Tokens },
            "roberta-bpe" => new ByteLevelTraining { SpecialTokens = ByteLevelTraining.RobertaTokens },
            "character-bpe" => new CharacterPairTraining { SpecialTokens = CharacterPairTraining.GptTokens },
            "unigram" => new UnigramTraining { SpecialTokens = UnigramTraining.T5Tokens },
            _ => new WordLevelTraining { Lowercase = lowercase, SpecialTokens = WordLevelTraining.UsualTokens },
        };
        return training with { VocabularySize = invocation.Get(vocabulary), MinFrequency = invocation.Get(frequency) };
    }
}
