using System.CommandLine;
using Attune.Cli.Shell;
using Attune.Data.Corpora;
using Attune.Tokenizers;

namespace Attune.Cli.Commands.Tokenizers;

/// <summary><c>attune tokenizer train</c>: a vocabulary from text.</summary>
internal sealed class TokenizerTrainCommand : Verb
{
    private static readonly string[] Kinds = ["wordpiece", "byte-level-bpe", "roberta-bpe", "character-bpe", "unigram", "words"];

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
        Description = "wordpiece (BERT), byte-level-bpe (GPT-2), roberta-bpe, character-bpe (GPT), unigram (T5) or words.",
        HelpName = "name",
        DefaultValueFactory = _ => Kinds[0],
    };

    private readonly Option<int> vocabulary = NumberOption.Make("--vocabulary", "The most tokens, special ones included.", "count", 30_000, 10, 10_000_000);
    private readonly Option<int> frequency = NumberOption.Make("--min-frequency", "How often something must occur to become a token.", "count", 2, 1, int.MaxValue);

    private readonly Option<bool> cased = new("--cased")
    {
        Description = "Keep upper case, for wordpiece and words.",
    };

    /// <summary>Declares the verb.</summary>
    public TokenizerTrainCommand()
        : base(
            "train",
            "Trains a tokenizer on text; Hugging Face's libraries load the result.",
            "attune tokenizer train --text books/ --vocabulary 8000 --out tokenizers/books",
            "attune tokenizer train --text code.txt --kind byte-level-bpe --out tokenizers/code --json")
    {
        kind.AcceptOnlyFromAmong(Kinds);
        foreach (Option option in (Option[])[text, folder, kind, vocabulary, frequency, cased, SharedOptions.Json])
            Add(option);
    }

    /// <inheritdoc/>
    protected override int Run(Invocation invocation)
    {
        var texts = TextCorpus.Sentences(TextCorpus.Open(invocation.Get(text)!));
        var tokenizer = TokenizerTrainer.Train(texts, Training(invocation), invocation.Cancellation);
        var place = invocation.Get(folder)!;
        tokenizer.Save(place);
        if (!invocation.Json)
        {
            invocation.WriteFields(("tokens", $"{tokenizer.VocabularySize}"), ("folder", place));
            return ExitCode.Ok;
        }

        invocation.WriteJson(json =>
        {
            json.WriteStartObject();
            json.WriteNumber("tokens", tokenizer.VocabularySize);
            json.WriteString("folder", place);
            json.WriteEndObject();
        });
        return ExitCode.Ok;
    }

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
