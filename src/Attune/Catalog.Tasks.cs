using Attune.Nn.Contracts;
using Attune.Objectives;
using Attune.Tasks;

namespace Attune;

public static partial class Catalog
{
    /// <summary>The fine-tuning tasks.</summary>
    public static CatalogAxis<LearnableEntry<ITask>> Tasks { get; } = new("task", entry => entry.Name,
    [
        new("sequence-classification", "one class for each text or pair", new SequenceClassification(2),
            context => new SequenceClassification(context.Classes) { Smoothing = (float)context.Number("smoothing", 0, 0, 1) }),
        new("sequence-regression", "a number for each text or pair", new SequenceRegression(), _ => new SequenceRegression()),
        new("token-classification", "a class for each token", new TokenClassification(["O"]), context => new TokenClassification(context.Labels)),
        new("question-answering", "the span of a text that answers a question", new QuestionAnswering(),
            context => new QuestionAnswering
            {
                MaxAnswerLength = context.Count("max_answer_length", 30),
                NoAnswerThreshold = (float?)context.Settings?.NumberOrNull("no_answer_threshold"),
            }),
        new("multiple-choice", "the best of several continuations", new MultipleChoice(), _ => new MultipleChoice()),
        new("sequence-to-sequence", "write a text for a text: translation, semantic parsing", new SequenceToSequence(),
            context => new SequenceToSequence { Smoothing = (float)context.Number("smoothing", 0, 0, 1) }),
        new("language-modelling", "the next token, measured as perplexity", new LanguageModelling(new CausalLm()), context => new LanguageModelling(MakeCausalLm(context))),
    ]);
}
