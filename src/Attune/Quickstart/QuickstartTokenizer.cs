using Attune.Data.Corpora;
using Attune.Tokenizers;
using Attune.Tokenizers.Training;

namespace Attune.Quickstart;

/// <summary>The WordPiece tokenizer of a quickstart: trained once, then read from its folder.</summary>
internal static class QuickstartTokenizer
{
    public static Tokenizer LoadOrTrain(string folder, ITextCorpus corpus)
    {
        if (!File.Exists(Path.Combine(folder, "tokenizer.json")))
        {
            IEnumerable<string> sentences = corpus.Documents().SelectMany(d => d.Sentences);
            BertTokenizerTrainer.Train(sentences, QuickstartPlan.Vocabulary).Save(folder);
        }
        return Tokenizer.LoadFolder(folder);
    }
}
