using Attune.Data.Labelled;
using Attune.Inference;

namespace Attune.Quickstart;

/// <summary>Asks the saved models, through the pipelines that anybody would use, about sentences they have never seen.</summary>
internal static class QuickstartQuestions
{
    private const int Candidates = 5;
    private const int Sentences = 5;
    private const int ShortestWord = 4;

    /// <summary>Hides a word of a held-out sentence and lets the pre-trained model fill it in.</summary>
    public static FilledMask Fill(string folder, QuickstartText text)
    {
        FillMask pipeline = Pipelines.FillMask(Path.Combine(folder, QuickstartRun.PretrainedFolder));
        string mask = pipeline.MaskToken;
        (string sentence, string hidden) = text.ValidationSentences.Rows
            .Select(row => Hide(row.Text, mask))
            .First(pair => pair.Hidden.Length > 0);
        return new FilledMask(sentence, hidden, [.. pipeline.Fill(sentence, Candidates)[0].Candidates.Select(c => (c.Token, (double)c.Probability))]);
    }

    /// <summary>Classifies held-out sentences with the fine-tuned model.</summary>
    public static IReadOnlyList<ClassifiedSentence> Classify(string folder, QuickstartText text)
    {
        TextClassifier pipeline = Pipelines.TextClassifier(Path.Combine(folder, QuickstartRun.ClassifierFolder));
        LabelledText[] rows = [.. text.ValidationSentences.Rows.Take(Sentences)];
        return [.. rows.Select(row =>
        {
            Classification answer = pipeline.Classify(row.Text);
            return new ClassifiedSentence(row.Text, text.ValidationSentences.Labels.Names[row.Label], answer.Label, answer.Score);
        })];
    }

    /// <summary>Hides the longest plain word in the middle of a sentence; no word if there is none.</summary>
    private static (string Sentence, string Hidden) Hide(string sentence, string mask)
    {
        string[] words = sentence.Split(' ');
        int best = -1;
        for (int i = 2; i < words.Length - 1; i++)
        {
            if (words[i].Length >= ShortestWord && words[i].All(char.IsAsciiLetterLower) && (best < 0 || words[i].Length > words[best].Length))
                best = i;
        }
        if (best < 0)
            return (sentence, "");
        string hidden = words[best];
        words[best] = mask;
        return (string.Join(' ', words), hidden);
    }
}
